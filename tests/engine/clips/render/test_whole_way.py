"""From a film with real faces on known ways to the frames of the clip: detector, plan and render together."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.clips.slates import colors_of, ffmpeg
from engine.media.faces import wall, with_face
from engine.media.reels import Encoding, Picture, speechlike, write_film
from goviral.engine.clips.planning.ends import clip_span
from goviral.engine.clips.planning.planner import ClipWishes, plan_clip
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Layout
from goviral.engine.clips.render.check import check_clip
from goviral.engine.clips.render.render import render_clip
from goviral.engine.media.detector import DETECTORS
from goviral.engine.media.look import look
from goviral.engine.media.probe import MediaInfo, probe
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span

FPS = Fraction(25)
CUT, END = 100, 170
SIDE = 120
MAGENTA = (255, 0, 255)


def place(frame: int) -> tuple[float, float]:
    """The face's corner: a walk from left to right, then, after the cut, a seat on the left."""
    if frame < CUT:
        return 200 + 6.5 * frame, 180 + 10 * np.sin(frame / 9)
    return 170.0, 230.0


def film() -> Iterator[Picture]:
    """Each face between two magenta marks, a finger's breadth from its cheeks."""
    walls = [np.repeat(wall(1280, 720, seed)[:, :, :1], 3, axis=2) for seed in (1, 9)]
    for frame in range(END):
        x, y = place(frame)
        picture, _ = with_face(walls[frame >= CUT], x, y, SIDE)
        middle = round(y + SIDE / 2)
        for left in (round(x) - 14, round(x) + SIDE + 4):
            picture[middle : middle + 10, left : left + 10] = MAGENTA
        yield picture


@dataclass(frozen=True)
class Made:
    media: MediaInfo
    plan: ClipPlan
    frames: list[NDArray[np.uint8]]
    findings: int


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("whole")
    sound = speechlike(float(END / FPS), level=0.08)
    media = probe(write_film(folder / "film.mp4", film(), sound, Encoding(FPS, gop=50)))
    words = tuple(Word(f"word{i}", 400 + 500 * i, 800 + 500 * i) for i in range(12))
    transcript = Transcript((Sentence(0, "x", 400, 6300),), words, "en")
    moment = Moment(Span(400, 6300), 50, Scorecard(*[50] * 6), "Title", "", "", "insight")
    span = clip_span(moment.span, transcript, media)
    detector = DETECTORS["haar"](folder)
    assert detector is not None
    plan = plan_clip(
        name="clip",
        moment=moment,
        media=media,
        transcript=transcript,
        look=look(media, span, detector),
        loudness=None,
        wishes=ClipWishes(captions=None),
        span=span,
    )
    # The plan's crop at a quarter of the size: the same picture for a twelfth of the time.
    plan_small = ClipPlan(
        plan.name, plan.title, plan.source, plan.span, Frame(270, 480, FPS), plan.shots
    )
    clip = render_clip(plan_small, folder / "clip.mp4", ffmpeg=ffmpeg(), threads=1)
    findings = len(check_clip(clip.path, plan_small).findings)
    return Made(media, plan, list(colors_of(clip.path)), findings)


def marks(frame: NDArray[np.uint8]) -> int:
    """How many magenta marks are wholly in the frame: columns of magenta, counted by their gaps."""
    red, green, blue = (frame[:, :, channel].astype(int) for channel in range(3))
    columns = np.flatnonzero(((red > 150) & (green < 110) & (blue > 150)).sum(axis=0) >= 2)
    return 0 if not len(columns) else 1 + int((np.diff(columns) > 8).sum())


def test_the_face_is_inside_the_picture_in_97_of_100_frames(made: Made) -> None:
    inside = [marks(frame) == 2 for frame in made.frames]
    assert np.mean(inside) >= 0.97


def test_the_crop_changes_within_a_frame_of_the_cut(made: Made) -> None:
    assert len(made.plan.shots) == 2
    cut = round((CUT * 40 - made.plan.span.start_ms) / 40)
    switched = round(made.plan.shots[1].span.start_ms / 40)
    assert abs(switched - cut) <= 1
    assert marks(made.frames[cut - 2]) == marks(made.frames[cut + 1]) == 2


def test_the_walk_is_one_glide_and_the_seat_one_rest(made: Made) -> None:
    walk, seat = made.plan.shots
    assert walk.layout is seat.layout is Layout.FOLLOW
    assert (
        len([1 for one, other in zip(walk.path, walk.path[1:], strict=False) if one.x != other.x])
        == 1
    )
    assert len(seat.path) == 1


def test_nothing_is_wrong_with_the_file(made: Made) -> None:
    assert made.findings == 0
    assert len(made.frames) == round(made.plan.span.duration_ms * FPS / 1000)
