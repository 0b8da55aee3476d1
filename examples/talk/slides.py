"""The cards: title, bar chart, list, voice message, end. Each drawn from what the truth file says of it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from talk.drawing import WIDTH, Canvas, Frame

PAPER: Final = "#f5efe3"
INK: Final = "#22313a"
FAINT: Final = "#8c8f88"
CORAL: Final = "#c9543f"
OCHRE: Final = "#dba545"
SAGE: Final = "#7fa595"

CHART_TITLE: Final = "What people kept, one day later"
BARS: Final = (
    ("the main message", 9, SAGE),
    ("a number", 23, OCHRE),
    ("an accident, a laugh, an honest moment", 68, CORAL),
)
LIST_TITLE: Final = "Three questions for every talk"
QUESTIONS: Final = (
    "Could a tired person repeat it?",
    "Would anybody disagree?",
    "What does it cost you?",
)
PICTURE_BOX: Final = (920, 210, 300, 400)
"""Where the speaker's small picture lies on a slide: x, y, width, height."""


def title_card(ending: bool) -> Frame:
    canvas = Canvas("#22313a")
    for index, radius in enumerate((330, 250, 170)):
        canvas.circle(1010, 360, radius, ("#2d4049", "#38505a", "#44606b")[index])
    canvas.box(925, 290, 170, 116, CORAL, 34)
    canvas.polygon([(950, 396), (950, 440), (1002, 400)], CORAL)
    for index in range(3):
        canvas.circle(972 + index * 38, 348, 11, PAPER)
    if ending:
        canvas.text(110, 350, "You tell me.", 84, PAPER, "black")
        canvas.text(114, 410, "Worth Repeating, back in two weeks", 30, OCHRE, "medium")
    else:
        canvas.text(110, 330, "Worth", 104, PAPER, "black")
        canvas.text(110, 440, "Repeating", 104, PAPER, "black")
        canvas.text(114, 500, "things people say twice", 32, OCHRE, "medium")
    return canvas.picture()


def _heading(canvas: Canvas, text: str) -> None:
    canvas.box(80, 84, 12, 58, CORAL, 4)
    canvas.text(112, 130, text, 46, INK, "black")


def chart(grown: tuple[float, float, float], full: bool) -> Frame:
    """The bars, each grown to a share of its height 0-1; narrow where a speaker's picture stands beside."""
    canvas = Canvas(PAPER)
    _heading(canvas, CHART_TITLE)
    span = WIDTH - 160 if full else 760
    for index, ((label, value, colour), share) in enumerate(zip(BARS, grown, strict=True)):
        y = 210 + index * 150
        canvas.text(84, y + 22, label, 28, INK, "medium")
        canvas.box(84, y + 40, span, 64, "#e7dfcf", 8)
        width = span * value / 84 * share
        if width > 16:
            canvas.box(84, y + 40, width, 64, colour, 8)
        if share > 0.05:
            canvas.text(100 + width, y + 90, f"{round(value * share)} %", 46, INK, "black")
    return canvas.picture()


def question_list(shown: int) -> Frame:
    """The first `shown` questions, the newest in ink and the others fainter."""
    canvas = Canvas(PAPER)
    _heading(canvas, LIST_TITLE)
    for index, question in enumerate(QUESTIONS[:shown]):
        newest = index == shown - 1
        y = 270 + index * 140
        canvas.circle(124, y - 14, 40, CORAL if newest else SAGE)
        canvas.text(124, y - 13, str(index + 1), 42, PAPER, "black", "mm")
        canvas.text(196, y, question, 40, INK if newest else FAINT, "bold")
    return canvas.picture()


def message_card() -> Frame:
    canvas = Canvas("#7fa595")
    canvas.circle(1180, 80, 260, "#8db0a1")
    canvas.circle(90, 700, 220, "#8db0a1")
    canvas.box(150, 210, 980, 300, PAPER, 36)
    canvas.circle(270, 360, 62, CORAL)
    canvas.polygon([(252, 326), (252, 394), (306, 360)], PAPER)
    canvas.text(370, 288, "Voice message from Callum", 38, INK, "black")
    canvas.text(370, 470, "about pipes", 28, FAINT, "medium")
    return canvas.picture()


def draw_wave(card: Frame, levels: NDArray[np.float64], played: float) -> None:
    """The message as a row of bars on the card; the share `played` of them is in colour."""
    for index, level in enumerate(levels):
        height = 4 + round(38 * float(level))
        colour = (63, 84, 201) if index < played * len(levels) else (200, 207, 212)
        x = 372 + index * 14
        card[372 - height : 372 + height, x : x + 8] = colour


def rounded(width: int, height: int, radius: int) -> Frame:
    """A mask with round corners, 0-255."""
    canvas = Canvas(None, (width, height))
    canvas.box(0, 0, width, height, "#ffffff", radius)
    return np.ascontiguousarray(canvas.layer()[..., 3])
