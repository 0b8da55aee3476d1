"""What makes the words, the titles or the bar of a plan impossible to draw. Pure."""

import re
from collections.abc import Iterator

from goviral.engine.clips.plans.plan import Captions, CaptionStyle, ClipPlan, HookTitle, ProgressBar

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?")
_COLORS = ("color", "active_color", "outline_color", "shadow_color")
_COLORS_OR_NONE = ("box_color", "upcoming_color", "emphasis_color")
_HIGHLIGHTS = ("color", "box", "pop", "none")
LONGEST_TITLE = 300
"""Characters of any title: more than a still or the first seconds can show, and than a platform takes."""
_LARGEST = 2000
_THICKEST = 500


def words_fault(plan: ClipPlan) -> str:
    """The first fault, named by its field; empty where everything can be drawn."""
    return next((fault for fault in _faults(plan) if fault), "")


def _faults(plan: ClipPlan) -> Iterator[str]:
    yield title_fault(plan.title, "its title")
    if plan.captions:
        yield style_fault(plan.captions.style, "captions.style")
        yield _pages_fault(plan.captions)
        yield _moves_fault(plan.captions)
    if plan.hook:
        yield style_fault(plan.hook.style, "hook.style")
        yield _hook_fault(plan.hook, plan.span.duration_ms)
    if plan.progress_bar:
        yield _bar_fault(plan.progress_bar)


def title_fault(title: str, where: str) -> str:
    """What is wrong with a title, or a text that is drawn as one; `where` is what the message calls it."""
    if len(title) <= LONGEST_TITLE:
        return ""
    return f"{where} has {len(title)} characters, more than {LONGEST_TITLE}"


def style_fault(style: CaptionStyle, where: str) -> str:
    """What of a style cannot be drawn; `where` is what the message calls it."""
    for name in (*_COLORS, *_COLORS_OR_NONE):
        fault = color_fault(getattr(style, name), f"{where}.{name}", required=name in _COLORS)
        if fault:
            return fault
    if style.highlight not in _HIGHLIGHTS:
        return f"{where}.highlight {style.highlight!r} is none of {', '.join(_HIGHLIGHTS)}"
    if not 1 <= style.size <= _LARGEST or style.max_words < 1 or style.line_height <= 0:
        return f"{where} has a size, max_words or line_height that draws nothing"
    return ""


def color_fault(color: str, where: str, *, required: bool = True) -> str:
    """What is wrong with a colour; one that is not `required` may be empty."""
    if _COLOR.fullmatch(color) or not (color or required):
        return ""
    return f"{where} {color!r} is no colour such as #FFE100"


def _pages_fault(captions: Captions) -> str:
    for index, page in enumerate(captions.pages):
        if page.span.start_ms < 0 or page.span.duration_ms <= 0:
            return f"captions.pages[{index}] is never on screen"
        if any(word.start_ms > word.end_ms for line in page.lines for word in line):
            return f"a word of captions.pages[{index}] ends before it begins"
    return ""


def _moves_fault(captions: Captions) -> str:
    before_ms = -1
    for index, move in enumerate(captions.moves):
        if move.at_ms <= before_ms:
            return (
                f"captions.moves[{index}] comes no later than the one before it, or before the clip"
            )
        if move.center_y is not None and not 0 <= move.center_y <= 1:
            return f"captions.moves[{index}].center_y {move.center_y} is not between 0 and 1"
        before_ms = move.at_ms
    return ""


def _hook_fault(hook: HookTitle, clip_ms: int) -> str:
    if hook.span.duration_ms <= 0 or not 0 <= hook.span.start_ms < clip_ms:
        return "hook is never on screen"
    if not 0 <= hook.center_y <= 1:
        return f"hook.center_y {hook.center_y} is not between 0 and 1"
    return title_fault(" ".join(hook.lines), "hook")


def _bar_fault(bar: ProgressBar) -> str:
    fault = color_fault(bar.color, "progress_bar.color")
    if fault:
        return fault
    if bar.edge not in ("bottom", "top"):
        return f"progress_bar.edge {bar.edge!r} is neither bottom nor top"
    if not 1 <= bar.height <= _THICKEST:
        return f"a progress_bar of height {bar.height} draws nothing"
    return ""
