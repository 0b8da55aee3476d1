"""Where the talk takes place: the studio seen by any camera, the stage, and what people wear."""

from dataclasses import dataclass
from typing import Final

import cv2

from talk.drawing import HEIGHT, WIDTH, Canvas, Frame, Points, shaded, smooth

PERSON_SCALE: Final = 0.41
"""Pixels a unit of a person in the wide shot."""
SEATS: Final = {"Nora": (372.0, 436.0), "Theo": (908.0, 436.0)}
"""Root of the neck in the wide shot."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Shows the studio `zoom` times larger, the studio point `at` at the frame point `to`."""

    zoom: float
    at: tuple[float, float]
    to: tuple[float, float]

    def x(self, x: float) -> float:
        return (x - self.at[0]) * self.zoom + self.to[0]

    def y(self, y: float) -> float:
        return (y - self.at[1]) * self.zoom + self.to[1]

    def points(self, points: Points) -> Points:
        return [(self.x(x), self.y(y)) for x, y in points]


WIDE: Final = Camera(1.0, (0, 0), (0, 0))


@dataclass(frozen=True, slots=True)
class Clothes:
    jacket: str
    lapel: str
    seam: str
    shirt: str
    shirt_shade: str


CLOTHES: Final = {
    "Nora": Clothes("#c9543f", "#b64734", "#a83f2e", "#f1e6d2", "#d9cbb2"),
    "Theo": Clothes("#2f4260", "#3a5074", "#24344d", "#dba545", "#bd8a33"),
}

_BOOKS: Final = (
    (0, 24, 92, "#c9543f"), (26, 18, 78, "#f1e6d2"), (46, 30, 88, "#2f4260"), (78, 20, 70, "#dba545"),
    (100, 26, 96, "#5f7f73"), (128, 16, 80, "#e7d3b1"),
)  # fmt: skip


def _plant(canvas: Canvas, camera: Camera) -> None:
    for tip_x, tip_y, bend in ((1085, 300, -30), (1150, 250, -5), (1215, 305, 28), (1180, 350, 14)):
        leaf = [
            (1150, 470),
            (tip_x + bend, tip_y + 90),
            (tip_x, tip_y),
            (tip_x + bend + 34, tip_y + 92),
        ]
        canvas.blob(camera.points(leaf), "#4f7a5b")
    pot = [(1108, 452), (1192, 452), (1180, 560), (1120, 560)]
    canvas.polygon(camera.points(pot), "#b9654a")


def _shelf(canvas: Canvas, camera: Camera) -> None:
    z = camera.zoom
    for x, width, height, colour in _BOOKS:
        canvas.box(camera.x(70 + x), camera.y(250 - height), width * z, height * z, colour, 2 * z)
    canvas.box(camera.x(48), camera.y(250), 210 * z, 10 * z, "#6b4f3f")
    canvas.circle(camera.x(236), camera.y(232), 18 * z, "#dba545")


def _lamp(canvas: Canvas, camera: Camera) -> None:
    canvas.line(camera.points([(640, -20), (640, 96)]), 4 * camera.zoom, "#4b3f38")
    shade = [(586, 150), (606, 96), (674, 96), (694, 150)]
    canvas.polygon(camera.points(shade), "#4b3f38")
    canvas.box(camera.x(590), camera.y(148), 100 * camera.zoom, 7 * camera.zoom, "#f6e3ae")


def studio(camera: Camera, blur_px: float) -> Frame:
    """The room behind the people."""
    canvas = Canvas("#a3c0b2")
    canvas.circle(camera.x(640), camera.y(330), 300 * camera.zoom, "#b7d0c2")
    canvas.circle(camera.x(640), camera.y(330), 190 * camera.zoom, "#cadccf")
    _shelf(canvas, camera)
    _plant(canvas, camera)
    _lamp(canvas, camera)
    picture = shaded(canvas.picture(), 0.22)
    return cv2.GaussianBlur(picture, (0, 0), blur_px) if blur_px else picture


def _microphone(canvas: Canvas, camera: Camera, x: float, lean: float) -> None:
    z = camera.zoom
    canvas.line(camera.points([(x + lean, 640), (x, 545)]), 6 * z, "#2a2522")
    head = smooth([(x - 15, 545), (x - 14, 512), (x, 502), (x + 14, 512), (x + 15, 545), (x, 553)])
    canvas.polygon(camera.points(head), "#3a332f")
    canvas.box(camera.x(x - 15), camera.y(531), 30 * z, 4 * z, "#dba545")


def foreground(camera: Camera) -> Frame:
    """The desk and the microphones, in front of the people."""
    canvas = Canvas()
    canvas.polygon(camera.points([(-200, 606), (1480, 606), (1480, 1200), (-200, 1200)]), "#6b4a3a")
    canvas.polygon(camera.points([(-200, 606), (1480, 606), (1480, 622), (-200, 622)]), "#83604d")
    _microphone(canvas, camera, 470, 46)
    _microphone(canvas, camera, 806, -46)
    mug = [(588, 572), (628, 572), (625, 612), (591, 612)]
    canvas.polygon(camera.points(mug), "#f1e6d2")
    return canvas.layer()


def stage() -> Frame:
    """An empty stage with arches, for walking across."""
    canvas = Canvas("#d0805a")
    for index, radius in enumerate((250, 190, 130)):
        colour = ("#d98e69", "#e19d79", "#e8ac89")[index]
        for centre in (200, 640, 1080):
            canvas.circle(centre, 420, radius * 0.82, colour)
            canvas.box(centre - radius * 0.82, 420, radius * 1.64, 300, colour)
    canvas.box(0, 640, WIDTH, HEIGHT - 640, "#7d4a3a")
    canvas.box(0, 636, WIDTH, 6, "#9a5f4b")
    return shaded(canvas.picture(), 0.18)


def body(speaker: str, scale: float) -> tuple[Frame, Frame]:
    """Jacket and, to lie over the neck, the roll-neck; the neck's root is `ROOT_U` × scale in."""
    size = (round(2 * ROOT_U[0] * scale), round(1020 * scale))
    torso, roll = Canvas(None, size), Canvas(None, size)
    side = 1 if speaker == "Nora" else -1
    wear = CLOTHES[speaker]

    def place(points: Points) -> Points:
        return [((ROOT_U[0] + side * x) * scale, (ROOT_U[1] + y) * scale) for x, y in points]

    torso.polygon(place(smooth(_JACKET)), wear.jacket)
    for sign in (-1, 1):
        seam = [(sign * 262, 330), (sign * 270, 430), (sign * 272, 940)]
        torso.line(place(seam), 5 * scale, wear.seam)
    torso.polygon(place([(-112, 30), (-84, 200), (0, 420), (84, 200), (112, 30)]), wear.shirt)
    for sign in (-1, 1):
        lapel = [(sign * x, y) for x, y in _LAPEL]
        torso.polygon(place(lapel), wear.lapel)
    torso.line(place([(0, 420), (4, 940)]), 4 * scale, wear.seam)
    roll.polygon(place(smooth(_ROLL)), wear.shirt)
    roll.line(place(_ROLL_FOLD), 5 * scale, wear.shirt_shade)
    return torso.layer(), roll.layer()


ROOT_U: Final = (420.0, 60.0)
_JACKET: Final = [
    (-112, 34), (-190, 72), (-280, 118), (-338, 200), (-362, 340), (-378, 700), (-380, 1000),
    (380, 1000), (378, 700), (362, 340), (338, 200), (280, 118), (190, 72), (112, 34), (0, 60),
]  # fmt: skip
_LAPEL: Final = [(108, 26), (150, 62), (168, 150), (122, 168), (134, 196), (0, 424), (74, 210)]
_ROLL: Final = [
    (-126, -30), (-96, -20), (-60, -9), (-15, -1), (50, 3), (96, -4), (126, -18), (134, 30),
    (122, 70), (60, 96), (0, 102), (-60, 96), (-122, 70), (-134, 30),
]  # fmt: skip
_ROLL_FOLD: Final = [(-128, 28), (-70, 46), (0, 54), (70, 48), (128, 32)]
