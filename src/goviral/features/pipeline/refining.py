"""New bounds for a moment, from words or from times. Pure.

Words are understood where they say one of a few things; anything else is refused rather than guessed at.
Whatever is asked for, the bounds then pass the finder's own guards: whole sentences, natural openings,
a length within the limits.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.features.pipeline.errors import NotUnderstoodError
from goviral.kit.timecode import Span

_STEP_MS = 5_000
_WORDS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "half a": 0.5,
    "a couple of": 2, "a few": 3,
}  # fmt: skip
_NUMBER = rf"(?:\d+(?:\.\d+)?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_AMOUNT = rf"({_NUMBER})\s*(seconds?|secs?|s|minutes?|mins?|sentences?|lines?)"
_SOME = rf"(?:\s+(?:by\s+)?(?:about\s+)?{_AMOUNT})?"
_STARTS = r"(?:start|begin|open)(?:s|ing)?(?:\s+it)?"
_ENDS = r"(?:end|stop|finish|close)(?:s|ing)?(?:\s+it)?"
_EARLIER = r"(?:earlier|sooner|before)"
_CUT = r"(?:drop|cut|skip|remove|lose|trim|shorten)"
_ADD = r"(?:add|include)"
_FRONT = r"(?:start|beginning|opening|intro(?:duction)?)"
_BACK = r"(?:end|ending|outro|closing)"
_SENTENCE = r"(?:sentence|line)"
# What is said, all of it; which end moves, which way. An amount may stand in several places.
_RULES = tuple(
    (re.compile(pattern), side, sign)
    for pattern, side, sign in (
        (rf"{_STARTS}{_SOME}\s+{_EARLIER}{_SOME}|{_STARTS}\s+too\s+late", "start", -1),
        (rf"{_STARTS}{_SOME}\s+later{_SOME}|{_STARTS}\s+too\s+(?:early|soon)", "start", 1),
        (rf"{_ENDS}{_SOME}\s+{_EARLIER}{_SOME}|{_ENDS}\s+too\s+late", "end", -1),
        (rf"{_ENDS}{_SOME}\s+later{_SOME}|{_ENDS}\s+too\s+(?:early|soon)", "end", 1),
        (rf"(?:shorter|shorten|trim)(?:\s+it)?{_SOME}|{_AMOUNT}\s+shorter", "end", -1),
        (rf"(?:longer|extend|lengthen)(?:\s+it)?{_SOME}|{_AMOUNT}\s+longer", "end", 1),
        (rf"{_CUT}\s+(?:the\s+)?{_FRONT}{_SOME}", "start", 1),
        (rf"{_CUT}\s+(?:the\s+)?first(?:\s+(?:{_AMOUNT}|{_SENTENCE}))?", "start", 1),
        (rf"{_CUT}(?:\s+it)?{_SOME}\s+(?:from|off|of|at)\s+(?:the\s+)?{_FRONT}", "start", 1),
        (rf"{_CUT}\s+(?:the\s+)?{_BACK}{_SOME}", "end", -1),
        (rf"{_CUT}\s+(?:the\s+)?last(?:\s+(?:{_AMOUNT}|{_SENTENCE}))?", "end", -1),
        (rf"{_CUT}(?:\s+it)?{_SOME}\s+(?:from|off|of|at)\s+(?:the\s+)?{_BACK}", "end", -1),
        (rf"{_ADD}\s+{_AMOUNT}\s+(?:at|to|before)\s+(?:the\s+)?{_FRONT}", "start", -1),
        (rf"{_ADD}\s+{_AMOUNT}\s+(?:at|to|after)\s+(?:the\s+)?{_BACK}", "end", 1),
        (rf"(?:extend|lengthen)\s+(?:the\s+)?{_FRONT}{_SOME}", "start", -1),
        (rf"(?:extend|lengthen)\s+(?:the\s+)?{_BACK}{_SOME}", "end", 1),
        (rf"{_ADD}\s+the\s+(?:previous\s+{_SENTENCE}|{_SENTENCE}\s+before)", "start", -1),
        (rf"{_ADD}\s+the\s+(?:next\s+{_SENTENCE}|{_SENTENCE}\s+after)", "end", 1),
    )
)
_FILLER = re.compile(
    r"\b(?:please|just|maybe|(?:can|could|would)\s+you|(?:it|the\s+clip)\s+should|(?:let|make)\s+it|"
    r"a\s+(?:little\s+)?bit|a\s+little|slightly|somewhat)\b|[?!\"]"
)
_ASIDE = re.compile(
    rf"{_CUT}\s+(?:the\s+)?(?:aside|digression|detour|tangent|parenthesis|"
    r"(?:part|bit|section)\s+about\s+(?:the\s+)?(?P<about>[\w' -]+))"
)
_ASIDE_WORDS = re.compile(
    r"\b(by the way|anyway|as an aside|side note|off topic|incidentally|speaking of which|where was i)\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:,|;|\.(?=\s|$)|\band\b|\bthen\b|\bbut\b)\s*")


@dataclass(frozen=True, slots=True)
class Refined:
    """Wished bounds; `removed` are stretches inside that shall be left out of the clip."""

    span: Span
    removed: tuple[Span, ...] = ()
    understood: tuple[str, ...] = ()


def refine(text: str, span: Span, transcript: Transcript) -> Refined:
    """The bounds that `text` asks for. Raises `NotUnderstoodError` for words that say none of this."""
    start_ms, end_ms = span.start_ms, span.end_ms
    removed: list[Span] = []
    understood: list[str] = []
    for wish in filter(None, map(_plain, _SPLIT.split(text.lower()))):
        aside = _ASIDE.fullmatch(wish)
        if aside:
            found = _aside(aside.group("about"), Span(start_ms, end_ms), transcript)
            if found.start_ms <= start_ms:
                start_ms = found.end_ms
            elif found.end_ms >= end_ms:
                end_ms = found.start_ms
            else:
                removed.append(found)
            understood.append(wish)
            continue
        side, ms = _move(wish, Span(start_ms, end_ms), transcript)
        start_ms, end_ms = (start_ms + ms, end_ms) if side == "start" else (start_ms, end_ms + ms)
        understood.append(wish)
    if start_ms >= end_ms or not understood:
        raise _unclear(text)
    return Refined(Span(max(0, start_ms), end_ms), tuple(removed), tuple(understood))


def _plain(wish: str) -> str:
    """Without what is only manners; nothing else may be left over when a rule has matched."""
    return " ".join(_FILLER.sub(" ", wish).split())


def _move(wish: str, span: Span, transcript: Transcript) -> tuple[str, int]:
    for pattern, side, sign in _RULES:
        match = pattern.fullmatch(wish)
        if match:
            return side, _amount_ms(match, side, sign, span, transcript)
    raise _unclear(wish)


def _amount_ms(
    match: "re.Match[str]", side: str, sign: int, span: Span, transcript: Transcript
) -> int:
    number, unit = _said(match)
    amount = 1.0 if number is None else float(_WORDS.get(number, 0) or number)
    if number is None or unit.startswith(("sentence", "line")):
        return _sentences_ms(side, sign, round(amount), span, transcript)
    return round(sign * amount * (60_000 if unit.startswith("m") else 1_000))


def _said(match: "re.Match[str]") -> tuple[str | None, str]:
    """The amount and its unit, wherever they stand."""
    told = [group for group in match.groups() if group]
    return (told[0], told[1]) if len(told) >= 2 else (None, "")


def _sentences_ms(side: str, sign: int, count: int, span: Span, transcript: Transcript) -> int:
    """How far `count` sentences reach from an end of the span; about five seconds where there are none."""
    edges = [s.start_ms if side == "start" else s.end_ms for s in transcript.sentences]
    at_ms = span.start_ms if side == "start" else span.end_ms
    beyond = [e for e in edges if (e - at_ms) * sign > 0]
    beyond.sort(key=lambda edge: abs(edge - at_ms))
    if not beyond:
        return sign * _STEP_MS
    return beyond[min(max(count, 1), len(beyond)) - 1] - at_ms


def _aside(about: str | None, span: Span, transcript: Transcript) -> Span:
    """The sentences that wander off: marked by what speakers say then, or about what is named."""
    inside = transcript.sentences_in(span)
    found = [s for s in inside if _is_aside(s, about)]
    if not found:
        what = f"about {about!r}" if about else "that sounds like an aside"
        raise NotUnderstoodError(
            f"There is no sentence {what} in this moment.", remedy="Give start_ms and end_ms."
        )
    return Span(max(found[0].start_ms, span.start_ms), min(_run_end(found), span.end_ms))


def _is_aside(sentence: Sentence, about: str | None) -> bool:
    text = sentence.text.lower()
    if about is None:
        return bool(_ASIDE_WORDS.search(text)) or text.strip().startswith("(")
    # The beginnings of words: "tax" finds taxes, "art" does not find a part.
    return all(re.search(rf"\b{re.escape(word)}", text) for word in about.split())


def _run_end(found: Sequence[Sentence]) -> int:
    """The end of the first stretch of neighbours."""
    last = found[0]
    for sentence in found[1:]:
        if sentence.id != last.id + 1:
            break
        last = sentence
    return last.end_ms


def _unclear(text: str) -> NotUnderstoodError:
    return NotUnderstoodError(
        f"Not understood: {text[:100]!r}.",
        remedy="Say e.g. 'start 5 seconds earlier', 'end one sentence later', 'drop the aside', "
        "or give start_ms and end_ms.",
    )
