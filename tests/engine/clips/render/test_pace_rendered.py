"""Punch-ins, B-roll and music in rendered clips, looked at frame by frame and sample by sample."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.clips.render.test_removals_rendered import kept_numbers, rendered, tight_plan
from engine.clips.slates import (
    View,
    colors_of,
    ffmpeg,
    frames_of,
    read_slate,
    slate_film,
    slates,
    small_frame,
    sound_of,
)
from engine.media.reels import RATE_HZ, Encoding, hush, joined, speechlike, tone, write_film
from goviral.engine.clips.graph.filtergraph import render_command
from goviral.engine.clips.plans.plan import (
    ClipPlan,
    CropKey,
    Insert,
    Layout,
    Loudness,
    Music,
    Removal,
    Shot,
    Zoom,
)
from goviral.engine.clips.plans.source import source_of
from goviral.engine.clips.render.played_loudness import played_loudness
from goviral.engine.media.loudness import measure_loudness
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import content_fingerprint
from goviral.kit.timecode import Span

RED, BLUE = (220, 30, 30), (30, 40, 220)
NTSC = Fraction(30000, 1001)


def view_of(plan: ClipPlan, factor: float) -> View:
    """Where the source stands in the frame when its 100 x 180 crop is `factor` times tighter."""
    shot = plan.shots[0]
    width, height = (round(size / factor / 2) * 2 for size in (shot.crop_width, shot.crop_height))
    left = shot.path[0].x + (shot.crop_width - width) / 2
    top = shot.path[0].y + (shot.crop_height - height) / 2
    return View(200 / width, -left * 200 / width, -top * 360 / height)


class TestZooms:
    def test_the_picture_is_closer_on_exactly_the_frames_of_the_span(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4", encoding=Encoding(NTSC))
        plan = tight_plan(media, 10, 110, [])
        zooms = (Zoom(Span(667, 1335), 1.4), Zoom(Span(2000, 2034), 1.2))
        plan = replace(plan, zooms=zooms)
        frames = frames_of(rendered(plan, tmp_path).path)
        for at, frame in enumerate(frames):
            factor = 1.4 if 20 <= at < 40 else 1.2 if at == 60 else 1.0
            assert read_slate(frame, view_of(plan, factor)) == 10 + at
        differs = [
            int((np.abs(one.astype(int) - other) > 40).sum()) for one, other in pairwise(frames)
        ]
        assert {at + 1 for at, many in enumerate(differs) if many > 8000} == {20, 40, 60, 61}

    def test_they_move_up_with_what_is_removed_before_them(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        plan = tight_plan(media, 0, 100, [(10, 25), (45, 55)])
        plan = replace(plan, zooms=(Zoom(Span(40 * 40, 60 * 40), 1.4),))
        frames = frames_of(rendered(plan, tmp_path).path)
        for frame, number in zip(frames, kept_numbers(plan, 0), strict=True):
            factor = 1.4 if 40 <= number < 60 else 1.0
            assert read_slate(frame, view_of(plan, factor)) == number

    def test_a_moving_crop_goes_on_moving_while_it_is_closer(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        plan = tight_plan(media, 0, 60, [])
        path = (CropKey(0, 90, 0), CropKey(2400, 130, 0))
        plan = replace(
            plan,
            shots=(replace(plan.shots[0], path=path),),
            zooms=(Zoom(Span(800, 1600), 1.25),),
        )
        for at, frame in enumerate(frames_of(rendered(plan, tmp_path).path)):
            share = at * 40 / 2400
            left = round(90 + 40 * share * share * (3 - 2 * share))
            view = (
                View(2.0, -2.0 * left) if not 20 <= at < 40 else View(2.5, -2.5 * (left + 10), -45)
            )
            assert read_slate(frame, view) == at

    def test_a_whole_picture_comes_closer_too_and_a_shared_screen_never(self) -> None:
        from goviral.engine.clips.plans.plan import Cell, Source
        from goviral.engine.clips.plans.zooms import zoomed

        source = Source("a", "f", 10_000, 1920, 1080)
        fit = Shot(Span(0, 1000), Layout.FIT)
        cell = Cell(0, 0, 1080, 960, 1080, 960, (CropKey(0, 100, 60),))
        split = Shot(Span(1000, 2000), Layout.SPLIT, cells=(cell,))
        screen = Shot(Span(2000, 3000), Layout.SCREEN, cells=(cell,))
        zooms = (Zoom(Span(0, 3000), 1.2),)
        one, two, three = zoomed((fit, split, screen), zooms, source, Fraction(25))
        assert (one.crop_width, one.crop_height) == (1600, 900)
        assert (one.path[0].x, one.path[0].y) == (160, 90)
        assert (two.cells[0].crop_width, two.cells[0].path[0].x) == (900, 190)
        assert three == screen


def colored(path: Path, colors: list[tuple[int, int, int]], frames: int = 50) -> Path:
    """A film, each colour for as many frames."""
    pictures = [np.full((90, 160, 3), color, np.uint8) for color in colors for _ in range(frames)]
    return write_film(path, pictures, encoding=Encoding(Fraction(25)))


def insert(path: Path, span: Span, **more: object) -> Insert:
    made = Insert(span, str(path), content_fingerprint(path))
    return replace(made, **more)  # type: ignore[arg-type]


def is_color(frame: NDArray[np.uint8], color: tuple[int, int, int], x: int, y: int) -> bool:
    return bool(np.abs(frame[y, x].astype(int) - color).max() < 30)


class TestInserts:
    def test_a_film_is_shown_on_exactly_its_frames_and_the_sound_goes_on(
        self, tmp_path: Path
    ) -> None:
        media = slate_film(tmp_path / "film.mp4", encoding=Encoding(NTSC))
        film = colored(tmp_path / "red.mp4", [BLUE, RED])
        plan = tight_plan(media, 0, 120, [])
        bare = rendered(plan, tmp_path / "bare")
        shown = insert(film, Span(1001, 2002), start_ms=2000)
        clip = rendered(replace(plan, inserts=(shown,)), tmp_path)
        for at, frame in enumerate(colors_of(clip.path)):
            red = is_color(frame, RED, 20, 20) and is_color(frame, RED, 180, 340)
            assert red == (30 <= at < 60)
        assert np.array_equal(sound_of(clip.path), sound_of(bare.path))
        assert clip.findings == ()

    def test_in_a_corner_the_speaker_stays(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        film = colored(tmp_path / "red.mp4", [RED])
        plan = replace(
            tight_plan(media, 0, 75, []),
            inserts=(insert(film, Span(1000, 2000), mode="corner"),),
        )
        for at, frame in enumerate(colors_of(rendered(plan, tmp_path).path)):
            assert is_color(frame, RED, 150, 60) == (25 <= at < 50)
            assert not is_color(frame, RED, 40, 60)
            assert not is_color(frame, RED, 150, 200)

    def test_a_still_needs_no_length(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        Image.new("RGBA", (1000, 400), (*BLUE, 255)).save(tmp_path / "blue.png")
        plan = replace(
            tight_plan(media, 0, 75, []),
            inserts=(insert(tmp_path / "blue.png", Span(400, 2400), still=True),),
        )
        shown = [is_color(f, BLUE, 100, 180) for f in colors_of(rendered(plan, tmp_path).path)]
        assert shown == [10 <= at < 60 for at in range(75)]

    def test_a_film_too_short_for_its_span_stays_on_its_last_picture(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        film = colored(tmp_path / "red.mp4", [RED], frames=10)
        plan = replace(tight_plan(media, 0, 75, []), inserts=(insert(film, Span(400, 2400)),))
        shown = [is_color(f, RED, 100, 180) for f in colors_of(rendered(plan, tmp_path).path)]
        assert shown == [10 <= at < 60 for at in range(75)]

    def test_several_lie_where_they_should_after_cuts(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4")
        one = colored(tmp_path / "red.mp4", [RED])
        other = colored(tmp_path / "blue.mp4", [BLUE])
        plan = tight_plan(media, 0, 150, [(10, 20), (40, 60), (90, 95)])
        inserts = (insert(one, Span(30 * 40, 65 * 40)), insert(other, Span(100 * 40, 125 * 40)))
        frames = list(colors_of(rendered(replace(plan, inserts=inserts), tmp_path).path))
        numbers = kept_numbers(plan, 0)
        assert len(frames) == len(numbers)
        for frame, number in zip(frames, numbers, strict=True):
            assert is_color(frame, RED, 100, 20) == (30 <= number < 65)
            assert is_color(frame, BLUE, 100, 20) == (100 <= number < 125)

    def test_a_file_that_is_gone_or_changed_is_said_plainly(self, tmp_path: Path) -> None:
        media = slate_film(tmp_path / "film.mp4", frames=60)
        film = colored(tmp_path / "red.mp4", [RED])
        plan = replace(tight_plan(media, 0, 50, []), inserts=(insert(film, Span(400, 1400)),))
        film.write_bytes(film.read_bytes() + b"more")
        with pytest.raises(InputError, match="the B-roll of clip, is not the file"):
            rendered(plan, tmp_path)
        film.unlink()
        with pytest.raises(NotFoundError, match="The B-roll of clip is gone"):
            rendered(plan, tmp_path)


def level_db(sound: NDArray[np.float32], start_ms: int, end_ms: int, hertz: float) -> float:
    """Level of one tone in a stretch."""
    part = sound[start_ms * RATE_HZ // 1000 : end_ms * RATE_HZ // 1000].astype(np.float64)
    at = np.arange(len(part)) / RATE_HZ
    wave = 2 * np.abs((part * np.exp(-2j * np.pi * hertz * at)).mean())
    return float(20 * np.log10(max(wave, 1e-9)))


def music_of(path: Path, **more: object) -> Music:
    made = Music(str(path), content_fingerprint(path), gain_db=-6.0, duck_db=12.0)
    return replace(made, **more)  # type: ignore[arg-type]


class TestMusic:
    @pytest.fixture
    def media(self, tmp_path: Path) -> MediaInfo:
        voice = joined(hush(2), tone(2, hertz=300, level=0.2), hush(4))
        return probe(
            write_film(tmp_path / "film.mkv", slates(200), voice, Encoding(audio_codec="flac"))
        )

    def test_it_is_looped_lowered_while_somebody_speaks_and_faded(
        self, tmp_path: Path, media: MediaInfo
    ) -> None:
        bed = write_film(
            tmp_path / "bed.wav", (), tone(1.5, hertz=1000), Encoding(audio_codec="pcm_s16le")
        )
        plan = tight_plan(media, 0, 200, [])
        music = music_of(bed, speech=(Span(2000, 4000),))
        clip = rendered(replace(plan, music=music), tmp_path)
        sound = sound_of(clip.path)
        usual = 20 * np.log10(0.25) - 6
        assert level_db(sound, 600, 1600, 1000) == pytest.approx(usual, abs=0.3)
        assert level_db(sound, 2050, 3950, 1000) == pytest.approx(usual - 12, abs=0.3)
        assert level_db(sound, 4400, 6800, 1000) == pytest.approx(usual, abs=0.4)
        assert level_db(sound, 2050, 3950, 300) == pytest.approx(20 * np.log10(0.2), abs=0.2)
        assert level_db(sound, 7900, 7990, 1000) < usual - 15
        assert clip.findings == ()

    def test_it_comes_down_before_the_first_word_and_moves_with_cuts(
        self, tmp_path: Path, media: MediaInfo
    ) -> None:
        bed = write_film(
            tmp_path / "bed.wav", (), tone(9, hertz=1000), Encoding(audio_codec="pcm_s16le")
        )
        plan = tight_plan(media, 0, 200, [(20, 40)])
        clip = rendered(replace(plan, music=music_of(bed, speech=(Span(2000, 4000),))), tmp_path)
        sound = sound_of(clip.path)
        usual = 20 * np.log10(0.25) - 6
        # The voice begins at 2000 ms of the clip: 800 ms of it were taken out before.
        assert level_db(sound, 500, 900, 1000) == pytest.approx(usual, abs=0.3)
        assert level_db(sound, 1200, 1240, 1000) == pytest.approx(usual - 12, abs=0.7)
        assert level_db(sound, 1250, 3100, 300) == pytest.approx(20 * np.log10(0.2), abs=0.2)

    def test_what_is_played_meets_the_loudness(self, tmp_path: Path) -> None:
        voice = joined(speechlike(5, level=0.04), hush(3), speechlike(5, level=0.09, seed=4))
        media = probe(
            write_film(tmp_path / "film.mkv", slates(325), voice, Encoding(audio_codec="flac"))
        )
        bed = write_film(
            tmp_path / "bed.wav",
            (),
            speechlike(4, level=0.3, seed=9),
            Encoding(audio_codec="pcm_s16le"),
        )
        plan = tight_plan(media, 0, 325, [(130, 195)])
        music = music_of(bed, gain_db=-14.0, speech=(Span(0, 5000), Span(8000, 13_000)))
        for each in (plan, replace(plan, music=music), replace(plan, music=music, removals=())):
            loud = replace(each, loudness=played_loudness(ffmpeg(), each))
            clip = rendered(loud, tmp_path)
            reading = measure_loudness(ffmpeg(), clip.path, Span(0, 13_000))
            assert reading.integrated_lufs == pytest.approx(-14.0, abs=0.5)
            assert reading.true_peak_dbtp <= -1.0
            assert clip.findings == ()

    def test_a_file_that_has_changed_is_refused(self, tmp_path: Path, media: MediaInfo) -> None:
        bed = write_film(tmp_path / "bed.wav", (), tone(2), Encoding(audio_codec="pcm_s16le"))
        plan = replace(tight_plan(media, 0, 100, []), music=music_of(bed))
        bed.write_bytes(bed.read_bytes() + b"more")
        with pytest.raises(InputError, match="the music of clip"):
            rendered(plan, tmp_path)


def test_what_is_off_leaves_the_graph_as_it_was(tmp_path: Path) -> None:
    media = slate_film(tmp_path / "film.mp4", frames=60)
    plan = tight_plan(media, 0, 50, [])
    plan = replace(plan, loudness=Loudness(-14.0, 3.0, -1.7, -17.0))

    def arguments(of: ClipPlan) -> tuple[str, ...]:
        return render_command(of, None, tmp_path, tmp_path / "o.mp4", threads=1).arguments

    asked_and_put_back = replace(
        plan, removals=(Removal(Span(0, 8), "hand"),), zooms=(), inserts=(), music=None
    )
    assert arguments(plan) == arguments(asked_and_put_back)
    assert arguments(plan).count("-i") == 1


def test_a_drawn_picture_follows_the_tightened_sound(tmp_path: Path) -> None:
    sound = joined(hush(1.0), tone(1.0, level=0.5), hush(2.0), tone(1.0, level=0.5))
    media = probe(write_film(tmp_path / "a.wav", (), sound, Encoding(audio_codec="pcm_s16le")))
    plan = ClipPlan(
        name="clip",
        title="",
        source=source_of(media),
        span=Span(0, 5000),
        frame=small_frame(Fraction(30)),
        shots=(Shot(Span(0, 5000), Layout.CANVAS),),
        removals=(Removal(Span(2100, 3900), "silence"),),
    )
    frames = frames_of(rendered(plan, tmp_path).path)
    assert len(frames) == 96
    bright = [int((frame > 150).sum()) for frame in frames]
    assert max(bright[:20]) < min(bright[35:58])
    assert min(bright[72:90]) > max(bright[:20])
