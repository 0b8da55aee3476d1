"""The shots: what each name in the script shows, and its picture at any moment. Frames in, pixels out."""

from dataclasses import dataclass, field
from typing import Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from talk import slides
from talk.drawing import Frame, blend, tight
from talk.faces import head
from talk.puppet import Puppet, pose_at
from talk.sets import PERSON_SCALE, ROOT_U, SEATS, WIDE, Camera, body, foreground, stage, studio
from talk.slides import PICTURE_BOX

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame's time: absolute, since the cut, the share of the shot gone, and who is how loud."""

    time_s: float
    into_s: float
    share: float
    loudness: dict[str, float]
    talking: dict[str, float]


class Shot(Protocol):
    """Draws its frames in order; `faces` are in frame pixels as x, y, width, height."""

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]: ...


class Actor:
    """A person at one size, put together at the root of the neck."""

    def __init__(self, speaker: str, scale: float) -> None:
        self.speaker = speaker
        self._scale = scale
        self._puppet = Puppet(head(speaker, scale))
        torso, roll = body(speaker, scale)
        self._torso = tight(torso)
        self._roll = tight(roll)

    def _lay(self, frame: Frame, part: tuple[Frame, int, int], neck: tuple[float, float]) -> None:
        layer, x, y = part
        left, top = neck[0] - ROOT_U[0] * self._scale + x, neck[1] - ROOT_U[1] * self._scale + y
        blend(frame, layer, round(left), round(top))

    def dress(self, frame: Frame, neck: tuple[float, float]) -> None:
        self._lay(frame, self._torso, neck)

    def act(self, frame: Frame, neck: tuple[float, float], moment: Moment) -> Box:
        """Draw head and roll-neck; returns the face."""
        pose = pose_at(
            self.speaker,
            moment.time_s,
            moment.loudness.get(self.speaker, 0.0),
            moment.talking.get(self.speaker, 0.0),
        )
        matrix = self._puppet.matrix(pose, neck)
        texture = self._puppet.drawn(pose)
        margin = round(40 * self._scale)
        width, height = texture.shape[1] + 2 * margin, texture.shape[0] + 2 * margin
        left, top = round(neck[0]) - width // 2, round(neck[1]) - round(660 * self._scale) - margin
        local = matrix.copy()
        local[:, 2] -= (left, top)
        moved = cv2.warpAffine(texture, local, (width, height), flags=cv2.INTER_LINEAR)
        blend(frame, moved, left, top)
        self._lay(frame, self._roll, neck)
        return self._puppet.face_box(matrix)


class Seated:
    """People at the desk through one camera; everything but their heads is drawn once."""

    def __init__(self, camera: Camera, speakers: tuple[str, ...], blur_px: float) -> None:
        self._places = [
            (Actor(s, PERSON_SCALE * camera.zoom), (camera.x(SEATS[s][0]), camera.y(SEATS[s][1])))
            for s in speakers
        ]
        self._base = studio(camera, blur_px)
        for actor, neck in self._places:
            actor.dress(self._base, neck)
        self._front, self._front_x, self._front_y = tight(foreground(camera))
        blend(self._base, self._front, self._front_x, self._front_y)

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        frame = self._base.copy()
        faces = {actor.speaker: actor.act(frame, neck, moment) for actor, neck in self._places}
        return frame, faces


@dataclass
class Walking:
    """Theo crosses the stage from `start_x` to `end_x` and stops before the edge."""

    start_x: float
    end_x: float
    _actor: Actor = field(default_factory=lambda: Actor("Theo", 0.5))
    _base: Frame = field(default_factory=stage)

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        frame = self._base.copy()
        way = min(1.0, moment.share * 1.08)
        eased = way * way * (3 - 2 * way)
        step = np.sin(np.pi * eased) * np.sin(2 * np.pi * moment.into_s * 0.9)
        neck = (self.start_x + (self.end_x - self.start_x) * eased, 335 + 4 * float(step))
        self._actor.dress(frame, neck)
        return frame, {"Theo": self._actor.act(frame, neck, moment)}


class SmallPicture:
    """A slide with Theo in a rounded window beside it."""

    def __init__(self, slide: Frame) -> None:
        _, _, width, height = PICTURE_BOX
        self._camera = Camera(1.4, SEATS["Theo"], (width / 2, height * 0.86))
        self._actor = Actor("Theo", PERSON_SCALE * self._camera.zoom)
        self._window = studio(self._camera, 3)[:height, :width].copy()
        self._neck = (width / 2, height * 0.86)
        self._actor.dress(self._window, self._neck)
        self._corners = slides.rounded(width, height, 28)
        self.slide = slide

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        left, top = PICTURE_BOX[:2]
        window = self._window.copy()
        x, y, w, h = self._actor.act(window, self._neck, moment)
        frame = self.slide.copy()
        rounded = cv2.merge([*cv2.split(window), self._corners])
        rounded[self._corners < 255] = 0
        blend(frame, rounded, left, top)
        return frame, {"Theo": (x + left, y + top, w, h)}


class Chart:
    """The bars grow one after the other; beside them a small Theo, or nothing."""

    def __init__(self, full: bool, begins_s: tuple[float, float, float]) -> None:
        self._full = full
        self._begins_s = begins_s
        self._drawn: tuple[float, float, float] | None = None
        self._slide = slides.chart((0, 0, 0), full)
        self._picture = None if full else SmallPicture(self._slide)

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        first, second, third = (self._grown(moment.into_s - begin) for begin in self._begins_s)
        grown = (first, second, third)
        if grown != self._drawn:
            self._drawn, self._slide = grown, slides.chart(grown, self._full)
        if self._picture is None:
            return self._slide, {}
        self._picture.slide = self._slide
        return self._picture.draw(moment)

    @staticmethod
    def _grown(seconds: float) -> float:
        way = min(max(seconds / 0.9, 0.0), 1.0)
        return round(1 - (1 - way) ** 3, 3)


@dataclass
class Card:
    """A still picture."""

    picture: Frame

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        return self.picture, {}


@dataclass
class Message:
    """The voice message; its bars fill as it plays."""

    levels: NDArray[np.float64]
    card: Frame = field(default_factory=slides.message_card)

    def draw(self, moment: Moment) -> tuple[Frame, dict[str, Box]]:
        frame = self.card.copy()
        slides.draw_wave(frame, self.levels, moment.share)
        return frame, {}


def _close(speaker: str, size: float, x: float, y: float) -> Seated:
    zoom = size / PERSON_SCALE
    return Seated(Camera(zoom, SEATS[speaker], (x, y)), (speaker,), 5)


CLOSE_UPS: Final = {
    "host_left": ("Nora", 0.68, 460, 508),
    "host_right": ("Nora", 0.68, 810, 508),
    "host_listening": ("Nora", 0.8, 560, 545),
    "guest_left": ("Theo", 0.68, 450, 505),
    "guest_right": ("Theo", 0.68, 830, 505),
    "guest_close": ("Theo", 0.95, 690, 590),
}


def make_shot(name: str, levels: NDArray[np.float64], begins_s: tuple[float, float, float]) -> Shot:
    """`levels` are the sound's, `begins_s` when each number of the chart is said; both since the cut."""
    if name in CLOSE_UPS:
        return _close(*CLOSE_UPS[name])
    if name.startswith("list_small_"):
        return SmallPicture(slides.question_list(int(name[-1])))
    match name:
        case "wide":
            return Seated(WIDE, ("Nora", "Theo"), 0)
        case "walk":
            return Walking(250, 1010)
        case "walk_back":
            return Walking(1030, 300)
        case "chart_small" | "chart_full":
            return Chart(name == "chart_full", begins_s)
        case "message":
            return Message(levels)
        case "title" | "end":
            return Card(slides.title_card(ending=name == "end"))
    raise ValueError(f"the script asks for an unknown shot: {name}")
