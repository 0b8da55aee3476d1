"""Two and three people who talk, in composed films: who speaks is in the picture.

The mouths move with the sound, so who speaks when is known to the frame.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from engine.media.faces import detector_called, installed_models, wall
from engine.media.reels import Encoding, Picture, write_film
from engine.media.talkers import Said, conversation, loudness_at, voices
from goviral.engine.clips.framing.camera import MIN_HOLD_MS
from goviral.engine.clips.framing.reframe import LayoutWish, choose_framing
from goviral.engine.clips.plans.crop import crop_box, shot_at
from goviral.engine.clips.plans.plan import Frame, Layout, Shot
from goviral.engine.clips.plans.source import source_of
from goviral.engine.media.detector import DETECTORS, FaceDetector
from goviral.engine.media.face_mesh import FaceMesh
from goviral.engine.media.look import Look, look
from goviral.engine.media.probe import MediaInfo, probe
from goviral.kit.timecode import Span

FPS = Fraction(25)
SECONDS = 14
VERTICAL = Frame(1080, 1920, FPS)
Seat = Callable[[float], tuple[float, float, int]]

TWO: tuple[Said, ...] = (
    Said(0, 0.3, 3.1),
    Said(1, 3.4, 6.2),
    Said(0, 6.4, 7.9),
    Said(1, 8.2, 11.4),
    Said(0, 11.7, 13.7),
)
QUICK: tuple[Said, ...] = tuple(Said(n % 2, 0.2 + 1.25 * n, 1.3 + 1.25 * n) for n in range(11))
THREE: tuple[Said, ...] = (Said(2, 0.2, 4.2), Said(0, 4.5, 9.0), Said(1, 9.3, 13.6))


def seat(x: float, y: float, side: int) -> Seat:
    """Somebody who sits there and sways a little."""
    return lambda at: (x + 2 * np.sin(at + x), y + 2 * np.sin(1.7 * at), side)


COUPLE = (seat(90, 90, 80), seat(440, 95, 74))
TRIO = (seat(50, 95, 70), seat(270, 90, 70), seat(490, 95, 66))


CALL = (seat(560, 50, 38), seat(560, 230, 44))
"""Two who take part in a call, small, one above the other at the side of what they share."""


def shared_screen() -> Picture:
    """A page of text with wide margins."""
    page = np.full((360, 640, 3), 245, np.uint8)
    random = np.random.default_rng(8)
    for line in range(40, 320, 30):
        for left in range(40, 40 + random.integers(200, 400), 9):
            page[line : line + 10, left : left + 5] = 30
    return page


@dataclass(frozen=True)
class Watched:
    media: MediaInfo
    look: Look
    said: Sequence[Said]
    seats: Sequence[Seat]

    def shots(self, wish: LayoutWish = LayoutWish.AUTO) -> tuple[Shot, ...]:
        found = choose_framing(self.look, source_of(self.media), VERTICAL, self.look.span, wish)
        return found.shots

    def speaker_inside(self, shots: tuple[Shot, ...]) -> float:
        """The share of voiced frames in which the speaker's whole face is in a crop."""
        inside = []
        for number in range(round(SECONDS * FPS)):
            at_s = number / float(FPS)
            _, who = loudness_at(self.said, at_s)
            if who is None:
                continue
            x, y, side = self.seats[who](at_s)
            shot = shot_at(shots, number * 40)
            assert shot is not None
            boxes = [crop_box(part, number * 40) for part in shot.cells or (shot,)]
            inside.append(
                any(a <= x and b <= y and x + side <= c and y + side <= d for a, b, c, d in boxes)
            )
        return float(np.mean(inside))


def watched(
    folder: Path,
    said: Sequence[Said],
    seats: Sequence[Seat],
    detector: FaceDetector,
    mesh: bool,
    screen: Picture | None = None,
) -> Watched:
    path = folder / f"{len(said)}-{len(seats)}-{'room' if screen is None else 'screen'}.mp4"
    if not path.exists():
        encoding = Encoding(FPS, gop=250, options={"preset": "veryfast", "crf": "22"})
        room, grain = (wall(640, 360, 4), 3.0) if screen is None else (screen, 0.0)
        frames = conversation(said, seats, room, seconds=SECONDS, grain=grain)
        write_film(path, frames, voices(said, SECONDS), encoding)
    media = probe(path)
    known = FaceMesh.from_folder(installed_models()) if mesh else None
    return Watched(media, look(media, Span(0, SECONDS * 1000), detector, mesh=known), said, seats)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("conversation")


def haar(folder: Path) -> FaceDetector:
    found = DETECTORS["haar"](folder)
    assert found is not None
    return found


def best() -> FaceDetector:
    return detector_called("blazeface")


@pytest.fixture(scope="module", params=["with models", "without"])
def couple(folder: Path, request: pytest.FixtureRequest) -> Watched:
    with_models = request.param == "with models"
    detector = best() if with_models else haar(folder)
    return watched(folder, TWO, COUPLE, detector, with_models)


def test_the_speaker_is_in_the_picture_in_95_of_100_voiced_frames(couple: Watched) -> None:
    shots = couple.shots()
    assert {shot.layout for shot in shots} == {Layout.FOLLOW}
    assert couple.speaker_inside(shots) >= 0.95


def test_the_picture_cuts_between_speakers_and_holds(couple: Watched) -> None:
    shots = couple.shots()
    assert len(shots) == len(TWO)
    for one, other in pairwise(shots):
        assert one.span.end_ms == other.span.start_ms
        there, here = one.path[-1].x, other.path[0].x
        assert abs(here - there) > one.crop_width
    assert all(shot.span.duration_ms >= MIN_HOLD_MS for shot in shots)


def test_no_crop_turns_back_within_a_hold(couple: Watched) -> None:
    for shot in couple.shots():
        moves = [
            (one.at_ms, other.at_ms, other.x - one.x)
            for one, other in pairwise(shot.path)
            if one.x != other.x
        ]
        for one, other in pairwise(moves):
            assert one[2] * other[2] > 0 or other[0] - one[1] >= MIN_HOLD_MS


def test_the_change_falls_into_the_pause_between_the_turns(couple: Watched) -> None:
    starts = [shot.span.start_ms for shot in couple.shots()[1:]]
    for start_ms, before, after in zip(starts, TWO, TWO[1:], strict=False):
        assert before.end_s * 1000 - 120 <= start_ms <= after.start_s * 1000 + 120


@pytest.mark.parametrize("seed", [1, 2])
def test_wherever_two_sit_and_however_long_they_speak_the_speaker_is_in_the_picture(
    tmp_path: Path, seed: int
) -> None:
    random = np.random.default_rng(seed)
    lengths = random.uniform(1.4, 3.6, 4)
    starts = 0.2 + np.concatenate(([0.0], np.cumsum(lengths[:-1] + random.uniform(0.15, 0.5, 3))))
    said = tuple(
        Said((seed + n) % 2, float(start), min(SECONDS - 0.2, float(start + length)))
        for n, (start, length) in enumerate(zip(starts, lengths, strict=True))
    )
    seats = tuple(
        seat(left + int(random.integers(90)), *map(int, random.integers((60, 60), (120, 84))))
        for left in (40, 400)
    )
    pair = watched(tmp_path, said, seats, haar(tmp_path), mesh=False)
    shots = pair.shots()
    assert pair.speaker_inside(shots) >= 0.95
    assert all(shot.span.duration_ms >= MIN_HOLD_MS for shot in shots)


def test_a_quick_exchange_is_split(folder: Path) -> None:
    exchange = watched(folder, QUICK, COUPLE, haar(folder), mesh=False)
    (shot,) = exchange.shots()
    assert shot.layout is Layout.SPLIT
    assert exchange.speaker_inside((shot,)) >= 0.97
    held = exchange.shots(LayoutWish.FOLLOW)
    assert all(shot.span.duration_ms >= MIN_HOLD_MS for shot in held)


def test_of_three_the_one_who_speaks_is_followed(folder: Path) -> None:
    trio = watched(folder, THREE, TRIO, haar(folder), mesh=False)
    shots = trio.shots()
    assert trio.speaker_inside(shots) >= 0.95
    split = trio.shots(LayoutWish.SPLIT)
    assert [len(shot.cells) for shot in split] == [3]
    assert trio.speaker_inside(split) >= 0.97


def test_below_a_shared_screen_is_who_speaks(folder: Path) -> None:
    call = watched(folder, TWO, CALL, best(), mesh=True, screen=shared_screen())
    shots = call.shots()
    assert {shot.layout for shot in shots} == {Layout.SCREEN}
    assert len(shots) == len(TWO)
    below = tuple(replace(shot, cells=shot.cells[1:]) for shot in shots)
    assert call.speaker_inside(below) >= 0.95
    assert all(shot.span.duration_ms >= MIN_HOLD_MS for shot in shots)


def test_below_a_shared_screen_is_the_largest_face_where_nobody_is_heard(folder: Path) -> None:
    call = watched(folder, TWO, CALL, best(), mesh=True, screen=shared_screen())
    (shot,) = replace(call, look=replace(call.look, levels=None)).shots()
    _, top, _, bottom = crop_box(shot.cells[1], 5000)
    assert top <= CALL[1](5)[1] <= bottom
    assert not top <= CALL[0](5)[1] <= bottom
