"""Looking at composed films: where faces and cuts are is known."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import override

from engine.media.faces import PaintedFaces, installed_models, wall, with_face
from engine.media.reels import Encoding, ffmpeg, texture, tone, write_film
from goviral.engine.media.boxes import FaceBox, is_same, overlap
from goviral.engine.media.content import Box
from goviral.engine.media.detector import DETECTORS, FaceDetector
from goviral.engine.media.look import Look, look
from goviral.engine.media.probe import probe
from goviral.kit.errors import CancelledError
from goviral.kit.progress import SilentProgress
from goviral.kit.timecode import Span

Picture = NDArray[np.uint8]
WIDTH, HEIGHT = 640, 360
B_FRAMES = {"preset": "veryfast", "crf": "20", "bf": "3"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("look")


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    """The best one here: what the main job would take."""
    made = (make(installed_models()) for make in DETECTORS.values())
    return next(found for found in made if found is not None)


def walk(i: int) -> tuple[float, float]:
    """A face that walks to the right and nods."""
    return 120 + 4.0 * i, 110 + 12 * float(np.sin(i / 6))


@pytest.fixture(scope="module")
def walker(folder: Path) -> Path:
    """Four seconds: a walking face, then from frame 50 two still ones."""
    room, hall = wall(WIDTH, HEIGHT, 1), wall(WIDTH, HEIGHT, 9)
    pictures = [with_face(room, *walk(i), 80)[0] for i in range(50)]
    two = with_face(with_face(hall, 90, 90, 90)[0], 450, 100, 70)[0]
    pictures += [two] * 50
    encoding = Encoding(gop=50, options={"preset": "veryfast", "crf": "20"})
    return write_film(folder / "walker.mp4", pictures, tone(4), encoding)


@pytest.fixture(scope="module")
def seen(walker: Path, detector: FaceDetector) -> Look:
    return look(probe(walker), Span(0, 4000), detector)


def green(x: int, y: int, side: int, base: Picture) -> Picture:
    """What `PaintedFaces` sees, on the base without its colours."""
    picture = np.repeat(base.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    picture[y : y + side, x : x + side] = (10, 250, 10)
    return picture


class ShortSighted(PaintedFaces):
    """Follows a face only as far as it overlaps where it was, and counts the searches for others."""

    def __init__(self) -> None:
        super().__init__()
        self.searches = 0

    @override
    def detect(self, image: NDArray[np.uint8]) -> tuple[FaceBox, ...]:
        self.searches += 1
        return super().detect(image)

    @override
    def follow(
        self, image: NDArray[np.uint8], known: Sequence[FaceBox], turn: int
    ) -> tuple[FaceBox, ...]:
        found = super().detect(image)
        return tuple(face for face in found if any(is_same(face, old) for old in known))


def veiled(picture: Picture, i: int) -> Picture:
    """White comes and goes around frame 90; the first frames are noisy, so that large packets are usual."""
    veil = max(0.0, 1 - abs(i - 89.5) / 3.5)
    noise = np.random.default_rng(i).normal(0, 9 * (i < 12), (HEIGHT, WIDTH, 1))
    return np.clip(picture * (1 - veil) + 240 * veil + noise, 0, 255).astype(np.uint8)


class TestFaces:
    def test_a_walking_face_is_where_it_is(self, seen):
        first = [s for s in seen.sightings if s.at_ms < 2000]
        assert len(first) >= 6
        hits = 0
        for sighting in first:
            x, y = walk(sighting.at_ms // 40)
            truth = FaceBox(x, y, 80, 80, 1)
            hits += len(sighting.faces) == 1 and any(
                overlap(FaceBox(f.x, f.y, f.width, f.height, 1), truth) > 0.5
                for f in sighting.faces
            )
        assert hits >= len(first) - 1

    def test_it_is_one_track_until_the_cut(self, seen):
        first = {f.track for s in seen.sightings if s.at_ms < 2000 for f in s.faces}
        second = {f.track for s in seen.sightings if s.at_ms >= 2000 for f in s.faces}
        assert len(first) == 1
        assert len(second) == 2
        assert not first & second

    def test_the_largest_face_comes_first(self, seen):
        last = seen.sightings[-1]
        assert [round(f.width, -1) > 80 for f in last.faces] == [True, False]
        assert last.faces[0].x < last.faces[1].x

    def test_the_cut_is_exact_and_the_new_shot_is_seen_at_its_first_frame(self, seen):
        assert seen.cuts_ms == (2000,)
        assert 2000 in [s.at_ms for s in seen.sightings]

    def test_samples_are_about_a_step_apart(self, seen):
        times = [s.at_ms for s in seen.sightings]
        assert times[0] == 0
        assert times == sorted(set(times))
        walked = [time for time in times if time <= 2000]
        assert all(later - earlier <= 333 + 125 for earlier, later in pairwise(walked))

    def test_faces_that_sit_still_are_looked_at_half_as_often(self, seen):
        sat = [s.at_ms for s in seen.sightings if s.at_ms >= 2000]
        steps = [later - earlier for earlier, later in pairwise(sat)]
        assert max(steps) <= 2 * 333 + 125
        assert max(steps) > 333 + 125

    def test_one_that_starts_to_move_is_seen_at_once(self, folder):
        base = texture(3, WIDTH, HEIGHT)
        pictures = [green(100 + max(0, 6 * (i - 60)), 100, 90, base) for i in range(100)]
        path = write_film(folder / "starts.mp4", pictures, None, Encoding(options=B_FRAMES))
        seen = look(probe(path), Span(0, 4000), PaintedFaces())
        late = [s for s in seen.sightings if s.at_ms > 2600]
        assert len(late) >= 4
        for sighting in late:
            (face,) = sighting.faces
            assert face.x == pytest.approx(100 + 6 * (sighting.at_ms / 40 - 60), abs=8)

    def test_cuts_are_exact_where_frames_are_left_out(self, folder):
        """Long groups of pictures, many bidirectional frames, no key frame at the cuts."""
        shots = [45, 75, 95, 140]
        pictures = []
        for i in range(170):
            shot = sum(i >= cut for cut in shots)
            pictures.append(green(80 + 90 * shot, 100, 90, texture(shot, WIDTH, HEIGHT)))
        options = {**B_FRAMES, "sc_threshold": "0"}
        path = write_film(folder / "b.mp4", pictures, None, Encoding(gop=999, options=options))
        seen = look(probe(path), Span(0, 6800), PaintedFaces())
        assert seen.cuts_ms == tuple(cut * 40 for cut in shots)

    def test_a_quiet_stretch_has_its_sightings_too(self, folder):
        """Else it would count for less than a restless one. They are no stills: nobody saw them."""
        pictures = [green(100 + i // 4, 100, 90, texture(3, WIDTH, HEIGHT)) for i in range(150)]
        path = write_film(folder / "quiet.mp4", pictures, None, Encoding(options=B_FRAMES))
        seen = look(probe(path), Span(0, 6000), PaintedFaces())
        times = [s.at_ms for s in seen.sightings]
        assert max(later - before for before, later in pairwise(times)) <= 2 * 333 * 1.5
        unseen = [s for s in seen.sightings if not s.sharpness]
        assert unseen
        for sighting in unseen:
            (face,) = sighting.faces
            assert face.x == pytest.approx(100 + sighting.at_ms / 160, abs=4)

    def test_a_face_that_goes_on_as_it_went_is_not_looked_at_again(self, folder):
        """Three fifths of its width in a stretch that was left out, before a wall that glides by too."""
        walls = wall(WIDTH + 150, HEIGHT, 3)
        pictures = [green(100 + i, 100, 90, walls[:, i : i + WIDTH].copy()) for i in range(150)]
        path = write_film(folder / "glides.mp4", pictures, None, Encoding(options=B_FRAMES))
        seen = look(probe(path), Span(0, 6000), PaintedFaces())
        assert [s for s in seen.sightings if not s.sharpness]
        for sighting in seen.sightings:
            (face,) = sighting.faces
            assert face.x == pytest.approx(100 + sighting.at_ms / 40, abs=5)

    def test_nor_is_it_searched_for_after_the_stretch(self, folder):
        """It is met where it must have come to, and the wall that glided on is no cut."""
        walls = wall(WIDTH + 150, HEIGHT, 3)
        pictures = [green(100 + i, 100, 90, walls[:, i : i + WIDTH].copy()) for i in range(150)]
        path = write_film(folder / "met.mp4", pictures, None, Encoding(options=B_FRAMES))
        detector = ShortSighted()
        seen = look(probe(path), Span(0, 6000), detector)
        assert [s for s in seen.sightings if not s.sharpness]
        assert detector.searches == 1

    @pytest.mark.parametrize("cut", [25, 50, 60, 75, 88])
    def test_cuts_are_exact_where_the_picture_is_quiet_and_key_frames_come_by_the_clock(
        self, folder, cut
    ):
        """One at a key frame that was passed over, or between two."""
        shots = [green(100, 100, 90, texture(shot, WIDTH, HEIGHT)) for shot in (3, 4)]
        pictures = [shots[0]] * cut + [shots[1]] * (150 - cut)
        options = {**B_FRAMES, "sc_threshold": "0"}
        path = write_film(folder / f"clock{cut}.mp4", pictures, None, Encoding(options=options))
        assert look(probe(path), Span(0, 6000), PaintedFaces()).cuts_ms == (cut * 40,)

    @pytest.mark.parametrize("likeness", [0.1, 0.5, 0.7])
    @pytest.mark.parametrize("sway", [8, 24, 40])
    def test_a_change_through_white_is_seen_where_a_quiet_stretch_was_left_out(
        self, folder, likeness, sway
    ):
        """Its packets are no larger than others, and after the stretch a swaying head may be anywhere."""
        before, other = texture(3, WIDTH, HEIGHT), texture(4, WIDTH, HEIGHT)
        after = np.asarray(likeness * before + (1 - likeness) * other, np.uint8)
        pictures = [
            veiled(
                green(200 + round(sway * np.sin(i / 7)), 100, 90, before if i < 90 else after), i
            )
            for i in range(130)
        ]
        encoding = Encoding(gop=94, options={**B_FRAMES, "sc_threshold": "0"})
        path = write_film(folder / f"white{likeness}-{sway}.mp4", pictures, None, encoding)
        (cut_ms,) = look(probe(path), Span(0, 5200), PaintedFaces()).cuts_ms
        assert 90 * 40 <= cut_ms <= 91 * 40

    def test_a_span_in_the_middle_is_in_source_time(self, walker, detector):
        part = look(probe(walker), Span(1600, 2800), detector)
        assert part.cuts_ms == (2000,)
        assert all(1600 <= s.at_ms < 2800 for s in part.sightings)

    def test_looking_twice_gives_the_same(self, walker, detector, seen):
        assert look(probe(walker), Span(0, 4000), detector) == seen

    def test_what_flickers_is_no_face(self, folder):
        one = green(100, 100, 60, texture(3, WIDTH, HEIGHT))
        both = one.copy()
        both[200:260, 400:460] = (10, 250, 10)
        pictures = [both if 40 <= i < 46 else one for i in range(100)]
        path = write_film(folder / "flicker.mp4", pictures)
        seen = look(probe(path), Span(0, 4000), PaintedFaces())
        assert {round(f.x, -1) for s in seen.sightings for f in s.faces} == {100}


class TestShapes:
    @pytest.mark.parametrize("counterclockwise", [90, -90, 180])
    def test_faces_of_turned_films_are_in_displayed_pixels(self, folder, counterclockwise):
        upright = green(60, 40, 80, texture(5, WIDTH, HEIGHT))
        stored = np.ascontiguousarray(np.rot90(upright, -counterclockwise // 90))
        path = write_film(folder / f"s{counterclockwise}.mp4", [stored] * 40)
        turned = folder / f"t{counterclockwise}.mp4"
        ffmpeg("-display_rotation", counterclockwise, "-i", path, "-c", "copy", turned)
        media = probe(turned)
        assert media.video is not None
        assert (media.video.width, media.video.height) == (WIDTH, HEIGHT)
        seen = look(media, Span(0, 1600), PaintedFaces())
        (face,) = seen.sightings[-1].faces
        assert (face.x, face.y, face.width) == pytest.approx((60, 40, 80), abs=6)

    def test_faces_are_in_source_pixels_however_small_the_picture_looked_at(self, folder):
        picture = green(900, 300, 150, texture(6, 1280, 720))
        path = write_film(folder / "hd.mp4", [picture] * 20)
        seen = look(probe(path), Span(0, 800), PaintedFaces())
        (face,) = seen.sightings[0].faces
        assert (face.x, face.y, face.width) == pytest.approx((900, 300, 150), abs=8)

    @pytest.mark.parametrize(
        ("bars", "expected"),
        [
            ((0, 120), Box(120, 0, 400, 360)),
            ((50, 0), Box(0, 50, 640, 260)),
            ((40, 100), Box(100, 40, 440, 280)),
            ((0, 0), Box(0, 0, 640, 360)),
        ],
    )
    def test_black_bars_are_not_content(self, folder, bars, expected):
        vertical, horizontal = bars
        picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        inner = texture(8, WIDTH - 2 * horizontal, HEIGHT - 2 * vertical)
        picture[vertical : HEIGHT - vertical, horizontal : WIDTH - horizontal] = inner
        path = write_film(folder / "bars.mp4", [picture] * 20)
        content = look(probe(path), Span(0, 800), PaintedFaces()).sightings[0].content
        found = (content.x, content.y, content.width, content.height)
        assert found == pytest.approx(
            (expected.x, expected.y, expected.width, expected.height), abs=4
        )

    def test_bars_belong_to_their_shot(self, folder):
        narrow = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        narrow[:, 200:440] = texture(1, 240, HEIGHT)
        pictures = [narrow] * 25 + [texture(2, WIDTH, HEIGHT)] * 25
        path = write_film(folder / "mixed.mp4", pictures)
        seen = look(probe(path), Span(0, 2000), PaintedFaces())
        widths = {s.content.width for s in seen.sightings if s.at_ms < 1000}
        assert widths == {seen.sightings[0].content.width}
        assert seen.sightings[0].content.width == pytest.approx(240, abs=4)
        assert seen.sightings[-1].content.width == WIDTH


class TestFocus:
    @pytest.mark.parametrize("across", [0.2, 0.5, 0.8])
    def test_it_goes_to_what_moves(self, folder, across):
        base = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
        pictures = []
        for i in range(50):
            picture = base.copy()
            x, y = int(across * WIDTH) - 20, 150 + 40 * (i // 2 % 2)
            picture[y : y + 50, x : x + 40] = (230, 220, 40)
            pictures.append(picture)
        path = write_film(folder / "moves.mp4", pictures)
        seen = look(probe(path), Span(0, 2000), PaintedFaces())
        assert seen.sightings[-1].focus_x == pytest.approx(across, abs=0.13)

    def test_an_even_picture_is_interesting_in_the_middle(self, folder):
        path = write_film(folder / "even.mp4", [np.full((HEIGHT, WIDTH, 3), 120, np.uint8)] * 30)
        sighting = look(probe(path), Span(0, 1000), PaintedFaces()).sightings[0]
        assert (sighting.focus_x, sighting.focus_y) == pytest.approx((0.5, 0.5), abs=0.05)

    def test_a_blurred_face_is_less_sharp(self, folder, detector):
        import cv2

        sharp, _ = with_face(wall(WIDTH, HEIGHT), 250, 100, 110)
        pictures = [sharp] * 25 + [cv2.GaussianBlur(sharp, (0, 0), 3)] * 25
        path = write_film(folder / "blur.mp4", pictures, None, Encoding(gop=25))
        seen = look(probe(path), Span(0, 2000), detector)
        assert seen.sightings[0].faces
        assert seen.sightings[-1].faces
        assert seen.sightings[0].sharpness > 2 * seen.sightings[-1].sharpness


class TestHostileFilms:
    def _count(self, path: Path, span: Span) -> int:
        return len(look(probe(path), span, PaintedFaces()).sightings)

    def test_sound_only_has_nothing_to_see(self, tmp_path):
        path = write_film(tmp_path / "a.m4a", (), tone(2))
        assert look(probe(path), Span(0, 2000), PaintedFaces()) == Look(Span(0, 2000), 333)

    def test_past_the_end_of_the_picture_there_is_nothing(self, tmp_path):
        path = write_film(tmp_path / "a.mp4", [texture(1)] * 25, tone(6))
        assert self._count(path, Span(4000, 6000)) == 0

    @pytest.mark.parametrize(("width", "height"), [(2, 2), (16, 480), (161, 91)])
    def test_odd_sizes(self, tmp_path, width, height):
        encoding = Encoding(pix_fmt="yuv444p")
        path = write_film(tmp_path / "o.mp4", [texture(1, width, height)] * 10, None, encoding)
        assert self._count(path, Span(0, 400)) >= 1

    def test_uneven_frames(self, tmp_path):
        times = [int(i * 33 + 300 * (i > 10) + 9 * (i % 3)) for i in range(40)]
        pictures = [texture(i // 20, WIDTH, HEIGHT) for i in range(40)]
        path = write_film(tmp_path / "v.mp4", pictures, None, Encoding(times_ms=times))
        seen = look(probe(path), Span(0, 2000), PaintedFaces())
        assert seen.cuts_ms == (times[20],)

    def test_ten_bit_hdr(self, tmp_path):
        encoding = Encoding(
            pix_fmt="yuv420p10le",
            color={"color_trc": 16, "color_primaries": 9, "colorspace": 9},
        )
        path = write_film(tmp_path / "h.mp4", [texture(1, 320, 180)] * 20, None, encoding)
        assert self._count(path, Span(0, 800)) >= 2

    def test_a_film_cut_off_in_the_middle(self, tmp_path):
        pictures = [texture(i, 320, 180) for i in range(100)]
        whole = write_film(
            tmp_path / "w.mp4", pictures, None,
            Encoding(gop=10, container={"movflags": "+faststart"}),
        )  # fmt: skip
        cut = tmp_path / "c.mp4"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        assert self._count(cut, Span(0, 4000)) >= 3

    def test_no_key_frame_but_the_first(self, tmp_path):
        pictures = [green(100, 100, 60, texture(i // 150, WIDTH, HEIGHT)) for i in range(200)]
        options = {"sc_threshold": "0", "keyint": "9999"}
        encoding = Encoding(gop=9999, options=options)
        path = write_film(tmp_path / "k.mp4", pictures, None, encoding)
        seen = look(probe(path), Span(5000, 7500), PaintedFaces())
        assert seen.cuts_ms == (6000,)
        assert all(s.faces for s in seen.sightings)


class TestProgress:
    def test_it_may_cancel(self, walker):
        class Stopped(SilentProgress):
            def advance(self, stage: str, done: float) -> None:
                raise CancelledError("Stopped.")

        with pytest.raises(CancelledError):
            look(probe(walker), Span(0, 4000), PaintedFaces(), progress=Stopped())

    def test_thorough_looks_are_rare(self, walker):
        twin = PaintedFaces()
        twin.follow = lambda image, known, turn: ()  # type: ignore[method-assign]
        look(probe(walker), Span(0, 4000), twin)
        assert 2 <= twin.thorough <= 5
