"""Finding ffmpeg, running it, and reading its log."""

import shutil
from pathlib import Path

import pytest

from engine.media.reels import numbered, tone, write_film
from goviral.engine.media.ffmpeg import (
    Ffmpeg,
    explain,
    find_ffmpeg,
    input_arguments,
    run_ffmpeg,
)
from goviral.kit.errors import (
    CancelledError,
    DependencyError,
    InputError,
    NotFoundError,
    ProcessError,
    ResourceError,
)
from goviral.kit.settings import Settings

CAPABLE = "--enable-libass --enable-libx264"


@pytest.fixture
def ffmpeg() -> Ffmpeg:
    return find_ffmpeg(Settings())


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.mp4", numbered(50), tone(2))


def impostor(folder: Path, version: str, flags: str = CAPABLE) -> Path:
    """A program on the PATH that only says what it is."""
    folder.mkdir(exist_ok=True)
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\necho 'ffmpeg version {version}'\necho '{flags}'\n")
    path.chmod(0o755)
    return path


class TestFindFfmpeg:
    def test_the_packaged_one_is_used_when_there_is_no_other(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        assert "imageio_ffmpeg" in find_ffmpeg(Settings()).path

    @pytest.mark.parametrize(
        ("version", "flags", "is_taken"),
        [
            ("99.1", CAPABLE, True),
            ("n99.0.2-17-gabc", CAPABLE, True),
            ("4.4.2-0ubuntu0.22.04.1", CAPABLE, False),
            ("N-109542-g4c2e1b5", CAPABLE, False),
            ("99.1", "--enable-libx264", False),
        ],
    )
    def test_a_system_one_is_used_when_newer_and_capable(
        self, tmp_path, monkeypatch, version, flags, is_taken
    ):
        system = impostor(tmp_path, version, flags)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert (find_ffmpeg(Settings()).path == str(system)) == is_taken

    def test_the_system_one_is_used_when_asked_for_though_older(self, tmp_path, monkeypatch):
        system = impostor(tmp_path, "4.4")
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        assert find_ffmpeg(Settings(GOVIRAL_FFMPEG="system")) == Ffmpeg(str(system), "4.4")

    def test_a_path_is_used_as_given(self, tmp_path):
        own = impostor(tmp_path / "own", "5.0")
        assert find_ffmpeg(Settings(GOVIRAL_FFMPEG=str(own))).version == "5.0"

    @pytest.mark.parametrize("wanted", ["system", "/nowhere/ffmpeg"])
    def test_one_that_is_not_there_is_told(self, tmp_path, monkeypatch, wanted):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(DependencyError, match="There is no ffmpeg") as failed:
            find_ffmpeg(Settings(GOVIRAL_FFMPEG=wanted))
        assert "imageio-ffmpeg" in failed.value.remedy

    def test_one_asked_for_that_cannot_burn_captions_is_refused(self, tmp_path):
        poor = impostor(tmp_path, "9.0", "--enable-gpl")
        with pytest.raises(DependencyError, match="libass"):
            find_ffmpeg(Settings(GOVIRAL_FFMPEG=str(poor)))

    def test_a_program_that_is_something_else_is_refused(self):
        with pytest.raises(DependencyError):
            find_ffmpeg(Settings(GOVIRAL_FFMPEG=shutil.which("true")))


class TestRunFfmpeg:
    def test_progress_rises_to_the_length(self, ffmpeg, film, tmp_path):
        seen: list[float] = []
        run_ffmpeg(
            ffmpeg,
            [*input_arguments(film), "-c:v", "libx264", tmp_path / "out.mp4"],
            duration_ms=2000,
            on_progress=seen.append,
            timeout_s=30,
        )
        assert seen == sorted(seen)
        assert seen[-1] == pytest.approx(2000, abs=80)
        assert max(seen) <= 2000

    def test_cancelling_stops_it(self, ffmpeg, tmp_path):
        endless = ["-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]
        with pytest.raises(CancelledError):
            run_ffmpeg(ffmpeg, endless, cancelled=lambda: True, timeout_s=30)

    def test_a_time_limit_stops_it(self, ffmpeg):
        endless = ["-re", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-f", "null", "-"]
        with pytest.raises(ProcessError, match="longer"):
            run_ffmpeg(ffmpeg, endless, timeout_s=0.5)

    @pytest.mark.parametrize(
        "name", ["-y.mp4", 'it\'s "q".mp4', "a b 🎬 é.mp4", "x%03d.mp4", "http:a.mp4", "a|b.mp4"]
    )
    def test_any_name_is_read_and_written(self, ffmpeg, film, tmp_path, monkeypatch, name):
        from goviral.engine.media.container import media_url

        (tmp_path / "out").mkdir()
        shutil.copy(film, tmp_path / name)
        monkeypatch.chdir(tmp_path)
        written = Path("out") / name
        run_ffmpeg(
            ffmpeg,
            [*input_arguments(Path(name)), "-c", "copy", media_url(written)],
            timeout_s=30,
        )
        assert written.stat().st_size > 1000

    def test_a_full_disk_is_a_resource_error(self, ffmpeg, film):
        with pytest.raises(ResourceError, match="disk is full"):
            run_ffmpeg(
                ffmpeg, [*input_arguments(film), "-f", "matroska", "/dev/full"], timeout_s=30
            )

    def test_a_missing_filter_is_a_dependency_error(self, ffmpeg, film):
        with pytest.raises(DependencyError, match="sparkle"):
            run_ffmpeg(
                ffmpeg, [*input_arguments(film), "-vf", "sparkle", "-f", "null", "-"], timeout_s=30
            )

    def test_a_missing_encoder_is_a_dependency_error(self, ffmpeg, film):
        with pytest.raises(DependencyError, match="h266"):
            run_ffmpeg(
                ffmpeg, [*input_arguments(film), "-c:v", "h266", "-f", "null", "-"], timeout_s=30
            )

    def test_garbage_is_an_input_error(self, ffmpeg, tmp_path):
        path = tmp_path / "words.mp4"
        path.write_text("only words " * 50)
        with pytest.raises(InputError, match="damaged"):
            run_ffmpeg(ffmpeg, [*input_arguments(path), "-f", "null", "-"], timeout_s=30)

    def test_a_source_that_went_away_is_not_found(self, ffmpeg, tmp_path):
        with pytest.raises(NotFoundError):
            run_ffmpeg(
                ffmpeg, [*input_arguments(tmp_path / "gone.mp4"), "-f", "null", "-"], timeout_s=30
            )

    def test_a_missing_stream_is_an_input_error(self, ffmpeg, tmp_path):
        mute = write_film(tmp_path / "mute.mp4", numbered(5))
        with pytest.raises(InputError, match="no picture or sound"):
            run_ffmpeg(
                ffmpeg, [*input_arguments(mute), "-map", "0:a:0", "-f", "null", "-"], timeout_s=30
            )

    @pytest.mark.parametrize("kind", ["m3u8", "ffconcat"])
    @pytest.mark.parametrize("confined_by", ["us", "the caller"])
    def test_a_playlist_reads_no_other_file(self, ffmpeg, film, tmp_path, kind, confined_by):
        playlist = tmp_path / f"list.{kind}"
        if kind == "m3u8":
            playlist.write_text(
                "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
            )
        else:
            playlist.write_text("ffconcat version 1.0\nfile http://127.0.0.1:9/a.ts\n")
        given = input_arguments(playlist) if confined_by == "the caller" else ["-i", str(playlist)]
        written = tmp_path / "out.mkv"
        with pytest.raises((InputError, ProcessError)) as failed:
            run_ffmpeg(ffmpeg, [*given, "-c", "copy", str(written)], timeout_s=30)
        assert not written.exists()
        assert "Connection" not in str(failed.value)

    def test_what_nobody_foresaw_stays_a_process_error(self):
        error = ProcessError("ffmpeg failed: the moon is full")
        assert explain(error) is error
