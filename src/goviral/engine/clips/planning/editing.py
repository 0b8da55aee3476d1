"""Words of a plan corrected by hand: nothing is analysed again, all else stays. Pure but for fonts."""

from collections.abc import Sequence
from dataclasses import replace

from goviral.engine.clips.captions.captions import drawn_text, set_pages, spoken_words
from goviral.engine.clips.captions.hook import plan_hook
from goviral.engine.clips.captions.masking import Mask
from goviral.engine.clips.captions.typesetting import Typesetter
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionStyle,
    CaptionWord,
    ClipPlan,
)
from goviral.engine.clips.plans.word_faults import title_fault
from goviral.engine.clips.thumbnails.thumbnail_choice import with_title
from goviral.engine.transcripts.document import Word
from goviral.engine.transcripts.rewording import retimed
from goviral.engine.transcripts.vocabulary import Vocabulary
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

LONGEST_TEXT = 1000
"""Characters that may be written for a page or a word: far more than its time lets anybody read."""
_NO_WORDS = "The plan holds no captions."
_LIST = "`goviral edit PLAN.json` lists them."
_FEWER = "Say it in fewer words."


def with_page_text(plan: ClipPlan, number: int, text: str) -> ClipPlan:
    """The plan with other words on page `number`, counted from 1; without that page for an empty text.

    As many words as before keep each its time, another number shares the page's time by length; what
    does not fit one page becomes several. Raises `InputError` for a page there is not, or too long a text.
    """
    _check_length(text)
    captions = _captions(plan)
    if not 1 <= number <= len(captions.pages):
        raise InputError(
            f"There is no page {number}: the clip has {len(captions.pages)}.", remedy=_LIST
        )
    page = captions.pages[number - 1]
    words = retimed(spoken_words([page]), text.split()) if text.split() else []
    return _with_pages(plan, captions, {number - 1: words})


def with_replacement(plan: ClipPlan, old: str, new: str) -> ClipPlan:
    """The plan with `new` for `old` wherever it is said, in whatever case, marks around it kept.

    An empty `new` takes the words away. Raises `InputError` where `old` is not said, or `new` is too long.
    """
    _check_length(new)
    captions = _captions(plan)
    said = spoken_words(captions.pages)
    mended = Vocabulary(corrections=((old, new),)).mend(said)
    if mended == said:
        raise InputError(f"{old!r} is not in the captions of {plan.name}.", remedy=_LIST)
    starts = [page.span.start_ms for page in captions.pages]
    ends = [*starts[1:], plan.span.duration_ms + 1]
    changed: dict[int, list[Word]] = {}
    for index, (start, end) in enumerate(zip(starts, ends, strict=True)):
        words = [word for word in mended if start <= word.start_ms < end]
        if words != [word for word in said if start <= word.start_ms < end]:
            changed[index] = words
    return _with_pages(plan, captions, changed)


def with_style(plan: ClipPlan, style: CaptionStyle | None) -> ClipPlan:
    """The plan with its captions set anew in another style, at the heights they stood; None hides them.

    Raises `InputError` where the plan holds no words.
    """
    captions = _captions(plan)
    if style is None:
        return replace(plan, captions=replace(captions, drawn=False))
    strong = {word.start_ms for word in _words(captions.pages) if word.emphasis}
    style = replace(style, center_y=captions.style.center_y)
    setter = Typesetter(style, plan.frame, captions.language)
    pages = set_pages(spoken_words(captions.pages), Span(0, plan.span.duration_ms), setter)
    marked = tuple(_marked(page, strong) for page in pages)
    return replace(plan, captions=replace(captions, style=style, pages=marked, drawn=True))


def with_hook(plan: ClipPlan, text: str | None) -> ClipPlan:
    """The plan with another title over its first seconds, where and how the old one stood; None: without.

    Raises `InputError` for a text that is empty, too long, does not fit three lines, or cannot be drawn.
    """
    if text is None:
        return replace(plan, hook=None)
    if not text.strip():
        raise InputError("The hook title is empty.", remedy="Give words, or none to take it away.")
    fault = title_fault(text, "The hook title")
    if fault:
        raise InputError(f"{fault}.", remedy=_FEWER)
    hook = plan_hook(
        text,
        frame=plan.frame,
        clip_ms=plan.span.duration_ms,
        style=plan.hook.style if plan.hook else None,
        captions=plan.captions,
        language=plan.captions.language if plan.captions else "und",
    )
    if hook is None:
        fault = "does not fit three lines, or no font here can draw it"
        raise InputError(f"The hook title {fault}.", remedy=_FEWER)
    return replace(plan, hook=replace(hook, center_y=plan.hook.center_y) if plan.hook else hook)


def with_mask(plan: ClipPlan, mask: Mask) -> ClipPlan:
    """The plan with strong language masked in its captions, titles and stills."""
    captions, stills = plan.captions, plan.thumbnail
    if captions:
        said = {at: spoken_words([page]) for at, page in enumerate(captions.pages)}
        kept = {at: [replace(w, text=mask.apply(w.text)) for w in said[at]] for at in said}
        plan = _with_pages(plan, captions, {at: kept[at] for at in said if kept[at] != said[at]})
    if stills:
        variants = (with_title(one, mask.apply(one.title)) for one in stills.variants)
        title = mask.apply(stills.title)
        plan = replace(plan, thumbnail=replace(stills, title=title, variants=tuple(variants)))
    if plan.hook:
        lines = tuple(map(mask.apply, plan.hook.lines))
        plan = replace(plan, hook=replace(plan.hook, lines=lines))
    return replace(plan, title=mask.apply(plan.title))


def with_removals_restored(plan: ClipPlan, number: int | None = None) -> ClipPlan:
    """The plan with removal `number`, counted from 1, put back; None: with all of them.

    Raises `InputError` for a removal there is not.
    """
    if number is None:
        return replace(plan, removals=())
    if not 1 <= number <= len(plan.removals):
        raise InputError(
            f"There is no removal {number}: the clip has {len(plan.removals)}.", remedy=_LIST
        )
    kept = (*plan.removals[: number - 1], *plan.removals[number:])
    return replace(plan, removals=kept)


def page_text(page: CaptionPage) -> str:
    """What a page says, as it was said."""
    return " ".join(word.text for word in spoken_words([page]))


def _check_length(text: str) -> None:
    if len(text) > LONGEST_TEXT:
        raise InputError(
            f"A text of {len(text)} characters is more than the {LONGEST_TEXT} that can be shown.",
            remedy=_FEWER,
        )


def _captions(plan: ClipPlan) -> Captions:
    if plan.captions is None:
        raise InputError(_NO_WORDS, remedy="Run `goviral clip` again: plans keep their words now.")
    return plan.captions


def _words(pages: Sequence[CaptionPage]) -> list[CaptionWord]:
    return [word for page in pages for line in page.lines for word in line]


def _with_pages(plan: ClipPlan, captions: Captions, changed: dict[int, list[Word]]) -> ClipPlan:
    setter = Typesetter(captions.style, plan.frame, captions.language)
    pages: list[CaptionPage] = []
    for index, page in enumerate(captions.pages):
        if index in changed:
            pages += _reset(page, changed[index], setter, plan.span.duration_ms)
        else:
            pages.append(page)
    return replace(plan, captions=replace(captions, pages=tuple(pages)))


def _reset(
    page: CaptionPage, words: Sequence[Word], setter: Typesetter, clip_ms: int
) -> list[CaptionPage]:
    """The page with these words: in its own lines where they fit, else set anew in its time."""
    if not words:
        return []
    same = _same_lines(page, words, setter)
    if same:
        return [same]
    strong = {word.start_ms for word in _words([page]) if word.emphasis}
    pages = [_marked(p, strong) for p in set_pages(words, Span(0, clip_ms), setter)]
    if pages:
        pages[0] = _lasting(pages[0], page.span.start_ms, pages[0].span.end_ms)
        pages[-1] = _lasting(pages[-1], pages[-1].span.start_ms, page.span.end_ms)
    return pages


def _lasting(page: CaptionPage, start_ms: int, end_ms: int) -> CaptionPage:
    return replace(page, span=Span(start_ms, max(end_ms, start_ms + 1)))


def _same_lines(page: CaptionPage, words: Sequence[Word], setter: Typesetter) -> CaptionPage | None:
    old = _words([page])
    if len(old) != len(words) or any(word.continues for word in old):
        return None
    new = [_redrawn(one, word, setter) for one, word in zip(old, words, strict=True)]
    lines, at = [], 0
    for line in page.lines:
        lines.append(tuple(new[at : at + len(line)]))
        at += len(line)
    pairs = zip(page.lines, lines, strict=True)
    fits = all(_size(other, setter) >= _size(one, setter) for one, other in pairs)
    return replace(page, lines=tuple(lines)) if fits else None


def _size(line: Sequence[CaptionWord], setter: Typesetter) -> float:
    return setter.size_on_line([word.text for word in line])


def _redrawn(old: CaptionWord, word: Word, setter: Typesetter) -> CaptionWord:
    """The old word's light and time with new text; nothing changes where it says the same."""
    if word.text == (old.said or old.text):
        return old
    drawn = drawn_text(word.text, setter.style, setter.language)
    return replace(old, text=drawn, said="" if drawn == word.text else word.text)


def _marked(page: CaptionPage, strong: set[int]) -> CaptionPage:
    lines = tuple(
        tuple(replace(word, emphasis=word.start_ms in strong) for word in line)
        for line in page.lines
    )
    return replace(page, lines=lines)
