"""Which B-roll is shown where: a film about a word is shown from the pause before that word. Pure.

The rarer a word is in the folder, the more it counts; equal choices fall by time, then by name, so the same
talk and folder give the same clip every time.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log

from goviral.engine.clips.fonts.writing import ends_sentence
from goviral.engine.clips.plans.plan import Insert
from goviral.engine.clips.plans.played import Timeline
from goviral.engine.transcripts.document import Word
from goviral.kit.timecode import Span

SHORTEST_MS, LONGEST_MS = 1_000, 2_000
_PAUSE_MS = 200
_REACH_MS = 2_500
"""How long after the pause the word may come."""
_AFTER_WORD_MS = 400
_APART_MS = 5_000
_MOST = 5
"""In one clip: ffmpeg reads every film ahead as it starts, which takes some 40 MB each."""
_HEAD_MS, _TAIL_MS = 2_000, 1_000
"""The clip begins and ends with its speaker."""
_LEAST_LETTERS = 3
_SAYS_NOTHING_TEXT = """
broll roll stock clip clips video film footage photo image img pic picture final copy edit mov
the and for with from into over that this you your are was not but all one two his her its our
der die das und mit von ein eine les des une est dans pour los las una con por para
"""
_SAYS_NOTHING = frozenset(_SAYS_NOTHING_TEXT.split())
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class Stock:
    """A film, or a picture (no duration), and the plain words it is about."""

    path: str
    fingerprint: str
    duration_ms: int | None
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Match:
    worth: float
    start_ms: int
    word_end_ms: int
    stock: Stock
    words: tuple[str, ...]


def tags_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The plain words of names and tags: no numbers, no "final", no small words; in order of letters."""
    return tuple(sorted({word for text in texts for word in _plain_words(text)}))


def choose_inserts(
    words: Sequence[Word],
    line: Timeline,
    stock: Sequence[Stock],
    mode: str = "full",
    *,
    head_ms: int = 0,
) -> tuple[Insert, ...]:
    """Inserts for a clip, in order: 1 to 2 s of what is played, at least 5 s apart, each film once,
    five at most.

    `words` and the spans are in clip time; `line` tells what of the clip is played. None begins before
    `head_ms` of that, nor in the first 2 s.
    """
    head_ms = max(_HEAD_MS, head_ms)
    chosen: list[Insert] = []
    for match in sorted(
        _matches(words, line, stock), key=lambda m: (-m.worth, m.start_ms, m.stock.path)
    ):
        if len(chosen) == _MOST:
            break
        insert = _placed(match, line, mode, head_ms)
        if insert and not any(_too_near(insert, other, line) for other in chosen):
            chosen.append(insert)
    return tuple(sorted(chosen, key=lambda insert: insert.span))


def _matches(words: Sequence[Word], line: Timeline, stock: Sequence[Stock]) -> Iterable[_Match]:
    """Every film with every pause behind which words of it come, among words that are played."""
    known = Counter(tag for each in stock for tag in each.tags)
    heard = [word for word in words if line.span(word.span).duration_ms]
    for first in _pauses(heard):
        start_ms = heard[first - 1].end_ms
        near = [
            word
            for word in heard[first:]
            if line.at(word.start_ms) - line.at(start_ms) <= _REACH_MS
        ]
        for each in stock:
            said = {tag: word for word in reversed(near) for tag in _plain_words(word.text)}
            hits = [tag for tag in each.tags if tag in said]
            if hits:
                worth = sum(1 + log(len(stock) / known[tag]) for tag in hits)
                end_ms = max(said[tag].end_ms for tag in hits)
                yield _Match(worth, start_ms, end_ms, each, tuple(hits))


def _pauses(words: Sequence[Word]) -> list[int]:
    """Words before which there is a pause, or a sentence begins."""
    return [
        at
        for at in range(1, len(words))
        if words[at].start_ms - words[at - 1].end_ms >= _PAUSE_MS
        or ends_sentence(words[at - 1].text)
    ]


def _placed(match: _Match, line: Timeline, mode: str, head_ms: int) -> Insert | None:
    """The insert, as long as it takes to hear the word; None where it does not fit."""
    start_ms = line.at(match.start_ms)
    wanted_ms = line.at(match.word_end_ms) + _AFTER_WORD_MS - start_ms
    length_ms = min(LONGEST_MS, max(SHORTEST_MS, wanted_ms), match.stock.duration_ms or LONGEST_MS)
    end_ms = start_ms + length_ms
    inside = start_ms >= head_ms and end_ms <= line.duration_ms - _TAIL_MS
    if length_ms < SHORTEST_MS or not inside:
        return None
    spare_ms = (match.stock.duration_ms or length_ms) - length_ms
    return Insert(
        Span(line.clip_ms(start_ms), line.clip_ms(end_ms)),
        match.stock.path,
        match.stock.fingerprint,
        start_ms=spare_ms // 4,  # films of stock often fade in
        mode=mode,
        still=match.stock.duration_ms is None,
        words=match.words,
    )


def _too_near(one: Insert, other: Insert, line: Timeline) -> bool:
    if one.path == other.path:
        return True
    first, second = sorted((line.span(one.span), line.span(other.span)))
    return second.start_ms - first.end_ms < _APART_MS


def _plain_words(text: str) -> list[str]:
    """`"CoffeeCups_final-02"` → `["coffee", "cup"]`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    parts = re.findall(r"[^\W\d_]+", spaced.lower())
    return [
        _singular(part)
        for part in parts
        if part not in _SAYS_NOTHING and (len(part) >= _LEAST_LETTERS or _UNSPACED.search(part))
    ]


def _singular(word: str) -> str:
    """Near enough for both sides to meet: cups → cup, cities → city, glass stays."""
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
