"""A face that is lost: the crop goes after it where the picture's interest does, and rests otherwise."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.clips.scenes import FULL_HD, VERTICAL, face, sighting
from engine.media.faces import PaintedFaces, wall
from engine.media.reels import Encoding, write_film
from goviral.engine.clips.framing.absence import with_absences
from goviral.engine.clips.framing.reframe import choose_framing
from goviral.engine.clips.framing.subjects import find_tracks
from goviral.engine.clips.plans.crop import corner_at
from goviral.engine.clips.plans.plan import Layout
from goviral.engine.clips.plans.source import source_of
from goviral.engine.media.look import Look, Sighting, look
from goviral.engine.media.probe import probe
from goviral.kit.timecode import Span

UNIT = 608
STEP_MS = 333
Focus = Callable[[int], float]


def seen(
    focus: Focus, missed: Sequence[int], count: int = 15, others: Sequence[int] = ()
) -> list[Sighting]:
    """A face at 500, not found in the sightings `missed`; the interest is where `focus` says (pixels)."""
    found = []
    for n in range(count):
        faces = [] if n in missed else [face(500, 400, 200)]
        faces += [face(1500, 400, 120, track=1)] if n in others else []
        found.append(sighting(n * STEP_MS, faces, focus=(focus(n) / 1920, 0.5)))
    return found


def middles(sightings: Sequence[Sighting]) -> dict[int, int]:
    """Where the face is taken to be, by the number of the sighting."""
    track = next(track for track in find_tracks(sightings, 1080) if 0 in track.ids)
    boxes = with_absences(track, sightings, 1920, UNIT).boxes
    assert list(boxes) == sorted(boxes, key=lambda box: box[0])
    return {at_ms // STEP_MS: round(box.center_x) for at_ms, box in boxes}


def leaving(n: int) -> float:
    return 520 if n < 8 else 1400


class TestWhereItWent:
    def test_the_interest_is_followed_while_the_face_is_lost(self) -> None:
        found = middles(seen(leaving, range(8, 15)))
        assert [found[n] for n in (7, 8, 14)] == [500, 1400, 1400]

    def test_also_before_the_face_is_first_seen(self) -> None:
        found = middles(seen(lambda n: 1400 if n < 5 else 520, range(5)))
        assert [found[n] for n in (0, 4, 5)] == [1400, 1400, 500]

    def test_on_its_way_there_it_is_between(self) -> None:
        found = middles(seen(lambda n: 520 if n < 8 else 520 + 150 * (n - 7), range(8, 15)))
        assert 8 not in found
        assert [found[n] for n in (7, 9, 14)] == [500, 820, 1570]

    @pytest.mark.parametrize(
        ("focus", "missed", "others"),
        [
            pytest.param(lambda _n: 520, range(8, 15), (), id="turned away in its place"),
            pytest.param(lambda _n: 1400, range(8, 15), (), id="something else was there before"),
            pytest.param(leaving, [8], (), id="lost once"),
            pytest.param(
                lambda n: 520 if n < 8 else (1400, 60)[n % 2], range(8, 15), (), id="to and fro"
            ),
            pytest.param(
                lambda n: 1400 if 8 <= n < 13 else 520, range(8, 15), (), id="comes back unseen"
            ),
            pytest.param(leaving, range(8, 15), range(15), id="another face is there"),
        ],
    )
    def test_otherwise_it_is_taken_to_be_where_it_was(
        self, focus: Focus, missed: Sequence[int], others: Sequence[int]
    ) -> None:
        assert set(middles(seen(focus, missed, others=others)).values()) == {500}


def test_the_crop_goes_after_it() -> None:
    span = Span(0, 15 * STEP_MS)
    found = Look(span, STEP_MS, tuple(seen(leaving, range(8, 15))))
    (shot,) = choose_framing(found, FULL_HD, VERTICAL, span).shots
    assert corner_at(shot.path, 1500)[0] == pytest.approx(500 - 304, abs=90)
    assert corner_at(shot.path, 4900)[0] == pytest.approx(1400 - 304, abs=90)


def test_on_a_slide_the_interest_is_not_the_speaker() -> None:
    span = Span(0, 15 * STEP_MS)
    sightings = [replace(s, graphic=True) for s in seen(leaving, range(8, 15))]
    (shot,) = choose_framing(Look(span, STEP_MS, tuple(sightings)), FULL_HD, VERTICAL, span).shots
    assert shot.layout is Layout.SCREEN
    assert len(shot.cells[1].path) == 1


def test_somebody_who_turns_round_and_walks_away_stays_in_the_picture(tmp_path: Path) -> None:
    # Seen from behind there is no face to find: a dark head with hair, moving.
    random = np.random.default_rng(3)
    hair = cv2.GaussianBlur(random.integers(0, 120, (120, 90, 3), dtype=np.uint8), (3, 3), 0)
    room = cv2.GaussianBlur(wall(640, 360, 2), (9, 9), 0)
    frames = []
    for number in range(150):
        at_s = number / 25
        x = 120 if at_s < 3 else min(120 + 160 * (at_s - 3), 500)
        picture = room.copy()
        picture[100:220, round(x) : round(x) + 90] = (20, 230, 20) if at_s < 3 else hair
        frames.append(picture)
    path = tmp_path / "away.mp4"
    write_film(path, frames, None, Encoding(options={"preset": "veryfast", "crf": "20"}))
    media = probe(path)
    span = Span(0, 6000)
    found = look(media, span, PaintedFaces(), step_ms=333)
    (shot,) = choose_framing(found, source_of(media), VERTICAL, span).shots
    for at_ms, middle in ((1000, 165), (5800, 545)):
        assert abs(corner_at(shot.path, at_ms)[0] + shot.crop_width / 2 - middle) < 60
