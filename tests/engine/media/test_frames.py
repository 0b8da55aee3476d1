"""Frames whose number is in their brightness."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from engine.media.reels import (
    Encoding,
    ffmpeg,
    number_of,
    numbered,
    texture,
    tone,
    write_film,
)
from goviral.engine.media.frames import decode, frame_at, sample_frames
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span


class Calm:
    """Does without bidirectional frames, and without what comes before a key frame if `is_quiet`."""

    def __init__(self, *, is_calm: bool = True, is_quiet: bool = False) -> None:
        self.is_calm = is_calm
        self.is_quiet = is_quiet


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("frames")


@pytest.fixture(scope="module", params=["mp4", "mkv", "ts", "avi"])
def film(request: pytest.FixtureRequest, folder: Path) -> Path:
    """Sixty frames, 25 fps, B-frames, a key frame every 30."""
    encoding = Encoding(gop=30, options={"preset": "veryfast", "bf": "2"})
    if request.param != "avi":
        return write_film(folder / f"film.{request.param}", numbered(60), tone(2.4), encoding)
    path = folder / "film.avi"
    whole = write_film(folder / "for-avi.mkv", numbered(60), None, encoding)
    ffmpeg("-i", whole, "-c:v", "mpeg4", "-q:v", 2, "-g", 30, path)
    return path


@pytest.fixture(scope="module")
def corners(folder: Path) -> Path:
    """Red top left, green top right, blue bottom left, white bottom right."""
    picture = np.zeros((90, 160, 3), np.uint8)
    picture[:45, :80] = (250, 10, 10)
    picture[:45, 80:] = (10, 250, 10)
    picture[45:, :80] = (10, 10, 250)
    picture[45:, 80:] = (250, 250, 250)
    return write_film(folder / "corners.mp4", [picture] * 10)


class TestDecode:
    def test_every_frame_comes_at_its_time(self, film):
        frames = list(decode(film, Span(0, 10_000), every_frame=True))
        assert len(frames) == 60
        first = frames[0].at_ms
        assert first <= 45  # sound may begin before the picture
        assert [f.at_ms - first for f in frames] == pytest.approx(
            [i * 40 for i in range(60)], abs=1
        )

    def test_a_span_begins_and_ends_where_it_says(self, film):
        times = [f.at_ms for f in decode(film, Span(1000, 1800), every_frame=True)]
        assert len(times) in (19, 20, 21)
        assert times[0] < 1045
        assert times[-1] >= 1755
        assert all(1000 <= at < 1800 for at in times)

    def test_a_span_in_the_middle_shows_the_very_same_pictures(self, folder):
        """Though on the way to it only what others depend on is decoded."""
        path = self.pan(folder / "middle.mp4", 5)
        whole = {raw.at_ms: raw for raw in decode(path, Span(0, 6000), every_frame=True)}
        for start_ms in range(500, 5000, 420):
            part = list(decode(path, Span(start_ms, start_ms + 400), every_frame=True))
            assert [raw.at_ms for raw in part] == [
                at_ms for at_ms in whole if start_ms <= at_ms < start_ms + 400
            ]
            for raw in part:
                right = whole[raw.at_ms].frame.to_ndarray(format="gray")
                assert np.array_equal(raw.frame.to_ndarray(format="gray"), right)

    def test_without_every_frame_there_are_fewer(self, folder):
        encoding = Encoding(gop=30, options={"preset": "veryfast", "bf": "2", "b_strategy": "0"})
        path = write_film(folder / "b.mp4", numbered(60), None, encoding)
        assert len(list(decode(path, Span(0, 3000)))) < 45

    def pan(self, path: Path, bidirectional: int) -> Path:
        """A picture that moves to the side, two pixels a frame."""
        wide = texture(4, 480, 90)
        options = {"preset": "veryfast", "bf": str(bidirectional), "b_strategy": "0", "crf": "16"}
        pictures = [wide[:, 2 * i : 2 * i + 160] for i in range(150)]
        return write_film(path, pictures, None, Encoding(gop=250, options=options))

    def test_sparse_there_are_fewer_still_and_they_are_nearly_the_same(self, folder):
        path = self.pan(folder / "sparse.mp4", 3)
        whole = {raw.at_ms: raw for raw in decode(path, Span(0, 6000), every_frame=True)}
        usual = list(decode(path, Span(0, 6000)))
        sparse = list(decode(path, Span(0, 6000), watcher=Calm()))
        assert len(sparse) < 0.7 * len(usual)
        for raw in sparse:
            shown = raw.frame.to_ndarray(format="gray").astype(int)
            right = whole[raw.at_ms].frame.to_ndarray(format="gray").astype(int)
            assert np.abs(shown - right).mean() < 2

    def test_where_nearly_all_frames_are_bidirectional_none_is_left_out(self, folder):
        path = self.pan(folder / "many.mp4", 12)
        usual = [raw.at_ms for raw in decode(path, Span(0, 6000))]
        sparse = [raw.at_ms for raw in decode(path, Span(0, 6000), watcher=Calm())]
        assert sparse[-8:] == usual[-8:]


class TestSampleFrames:
    def test_samples_are_about_a_step_apart_and_tell_their_time(self, film):
        samples = list(sample_frames(film, Span(200, 2200), step_ms=400, width=80))
        assert len(samples) == 5
        for sample, due in zip(samples, range(200, 2200, 400), strict=True):
            assert due <= sample.at_ms <= due + 125
            assert number_of(sample.image) == pytest.approx(sample.at_ms / 40, abs=1.6)

    def test_pictures_are_small_and_keep_their_shape(self, film):
        sample = next(iter(sample_frames(film, Span(0, 400), step_ms=100, width=80)))
        assert sample.image.shape == (45, 80, 3)
        assert sample.image.dtype == np.uint8

    def test_small_sources_are_not_enlarged(self, film):
        sample = next(iter(sample_frames(film, Span(0, 400), step_ms=100, width=800)))
        assert sample.image.shape == (90, 160, 3)

    @pytest.mark.parametrize(
        ("counterclockwise", "top_left"),
        [(90, (10, 250, 10)), (-90, (10, 10, 250)), (180, (250, 250, 250))],
    )
    def test_pictures_are_turned_as_displayed(self, corners, tmp_path, counterclockwise, top_left):
        turned = tmp_path / "turned.mp4"
        ffmpeg("-display_rotation", counterclockwise, "-i", corners, "-c", "copy", turned)
        image = frame_at(turned, 100)
        shown = tmp_path / "shown.png"
        ffmpeg("-i", turned, "-frames:v", 1, shown)
        import cv2

        reference = cv2.imread(str(shown))[:, :, ::-1]
        assert image.shape == reference.shape
        assert np.abs(image[10, 10].astype(int) - top_left).max() < 25
        assert np.abs(image.astype(int) - reference).mean() < 4

    def test_wide_pixels_are_made_square(self, tmp_path):
        encoding = Encoding(pixel_shape=Fraction(16, 11))
        path = write_film(tmp_path / "pal.mp4", [texture(1, 176, 144)] * 5, None, encoding)
        assert frame_at(path, 0).shape == (144, 256, 3)

    @pytest.mark.parametrize("pix_fmt", ["yuv420p10le", "yuv422p", "yuv444p", "gray"])
    def test_any_pixel_format_becomes_rgb(self, tmp_path, pix_fmt):
        encoding = Encoding(pix_fmt=pix_fmt)
        path = (
            write_film(tmp_path / "p.mkv", [texture(4, 161, 91)] * 5, None, encoding)
            if (pix_fmt == "yuv444p")
            else write_film(tmp_path / "p.mkv", [texture(4)] * 5, None, encoding)
        )
        assert frame_at(path, 0).dtype == np.uint8

    @pytest.mark.parametrize(("transfer", "name"), [(16, "smpte2084"), (18, "arib-std-b67")])
    def test_hdr_looks_as_rendering_maps_it(self, tmp_path, transfer, name):
        import cv2

        encoding = Encoding(
            pix_fmt="yuv420p10le",
            color={"color_trc": transfer, "color_primaries": 9, "colorspace": 9},
        )
        path = write_film(tmp_path / "h.mp4", [texture(4, 320, 180)] * 5, None, encoding)
        shown = tmp_path / "shown.png"
        chain = (
            f"setparams=color_primaries=bt2020:color_trc={name}:colorspace=bt2020nc,"
            "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,"
            "tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p"
        )
        ffmpeg("-i", path, "-vf", chain, "-frames:v", 1, shown)
        rendered = cv2.imread(str(shown))[:, :, ::-1].astype(int)
        assert np.abs(frame_at(path, 0).astype(int) - rendered).mean() < 14

    def test_damaged_frames_are_left_out(self, tmp_path):
        pictures = [texture(i // 5, 320, 180) for i in range(100)]
        whole = write_film(tmp_path / "w.ts", pictures, None, Encoding(gop=20))
        content = bytearray(whole.read_bytes())
        at = len(content) * 2 // 5 // 188 * 188
        content[at : at + 188 * 40] = bytes(188 * 40)
        broken = tmp_path / "b.ts"
        broken.write_bytes(content)
        samples = list(sample_frames(broken, Span(0, 4000), step_ms=200, width=80))
        assert len(samples) >= 12
        assert samples[-1].at_ms > 3500

    def test_a_cut_off_file_gives_what_it_has(self, tmp_path):
        pictures = [texture(i, 320, 180) for i in range(100)]
        whole = write_film(tmp_path / "w.mkv", pictures, None, Encoding(gop=20))
        cut = tmp_path / "c.mkv"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        samples = list(sample_frames(cut, Span(0, 4000), step_ms=200, width=80))
        assert 7 <= len(samples) <= 13

    def test_without_a_picture_it_is_an_input_error(self, tmp_path):
        path = write_film(tmp_path / "a.wav", (), tone(1), Encoding(audio_codec="pcm_s16le"))
        with pytest.raises(InputError, match="no picture"):
            list(sample_frames(path, Span(0, 1000), step_ms=100, width=80))


class TestFrameAt:
    @pytest.mark.parametrize("number", [0, 7, 29, 30, 31, 59])
    def test_it_is_the_frame_on_screen(self, film, number):
        offset = next(iter(decode(film, Span(0, 100), every_frame=True))).at_ms
        image = frame_at(film, number * 40 + offset + 20)
        assert image.shape == (90, 160, 3)
        assert number_of(image) == number

    def test_past_the_end_it_is_the_last(self, film):
        assert number_of(frame_at(film, 60_000)) == pytest.approx(59, abs=1)

    def test_it_can_be_made_smaller(self, film):
        assert frame_at(film, 0, max_width=40).shape[1] == 40

    def test_a_key_frame_far_back_is_found(self, tmp_path):
        path = write_film(tmp_path / "g.ts", numbered(60) * 5, None, Encoding(gop=300))
        offset = next(iter(decode(path, Span(0, 100), every_frame=True))).at_ms
        assert number_of(frame_at(path, 250 * 40 + offset + 20)) == 250 % 60
