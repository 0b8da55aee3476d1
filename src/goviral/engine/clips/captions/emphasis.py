"""Which word of a page carries it: a number, a name, a strong word. Pure, the same every time.

At most one on a page (a name or an amount of two or three words counts as one), and none where no word
stands out: colour everywhere is colour nowhere.
"""

import re
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import log

from goviral.engine.clips.fonts.writing import ends_sentence
from goviral.engine.clips.plans.plan import CaptionPage, CaptionWord
from goviral.engine.moments.features.lexicon import words_of_kind

_LEAST = 1.15
"""What a word must be worth to be emphasised; about a third of the pages of a talk have one."""
_NUMBER, _NAME, _ACRONYM = 2.4, 1.5, 1.3
_KINDS = {
    "surprise": 1.5,
    "death": 1.3,
    "money": 1.2,
    "insight": 1.1,
    "negative": 1.1,
    "positive": 1.0,
    "absolute": 0.9,
    "advice": 0.8,
}
_SALIENT = 0.7
_AGAIN = 0.45
"""What is left of a word's worth when one of the last pages emphasised it already."""
_REMEMBERED = 4
_LONGEST_RUN = 3
_NOUNS_IN_CAPITALS = frozenset({"de", "lb"})
_TOO_PLAIN = frozenset(["all", "any", "only", "ever", "every", "most", "whole", "entire", "good"])
_SMALL_NUMBERS = frozenset(["one", "two", "first", "second", "third", "half", "once"])
_DIGIT = re.compile(r"\d")
_TRIM = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True)
class Emphasis:
    """Chooses for one talk. `counts`: how often each word (lower case) is said in all of it."""

    language: str = "und"
    counts: Counter[str] = field(default_factory=Counter)

    def mark(self, pages: Iterable[CaptionPage]) -> tuple[CaptionPage, ...]:
        """The pages with their strongest words marked."""
        recent: deque[str] = deque(maxlen=_REMEMBERED)
        marked: list[CaptionPage] = []
        starts = True
        for page in pages:
            words = [word for line in page.lines for word in line]
            chosen = self._choose(words, recent, starts)
            recent.append(_plain(_said(words[chosen.start])) if chosen else "")
            marked.append(_marked(page, chosen))
            starts = ends_sentence(_said(words[-1])) if words else starts
        return tuple(marked)

    def _choose(self, words: Sequence[CaptionWord], recent: Sequence[str], starts: bool) -> range:
        worth = [
            self._worth(words, index, starts) * (_AGAIN if _plain(_said(word)) in recent else 1)
            for index, word in enumerate(words)
        ]
        best = max(range(len(words)), key=lambda at: (worth[at], -at), default=0)
        if not words or worth[best] < _LEAST:
            return range(0)
        return self._whole(words, best, starts)

    def _worth(self, words: Sequence[CaptionWord], at: int, starts: bool) -> float:
        said = _said(words[at])
        word = _plain(said)
        if not word or "*" in said or word in _TOO_PLAIN:
            return 0.0
        if self._is_number(word):
            return _NUMBER
        kind = max((_KINDS[k] for k in _KINDS if word in self._listed(k)), default=0.0)
        named = self._name_worth(words, at, starts)
        if not (kind or named):
            return 0.0
        return max(kind, named) + _SALIENT * self._salience(word) + min(len(word), 9) / 30

    def _name_worth(self, words: Sequence[CaptionWord], at: int, starts: bool) -> float:
        """A capital inside a sentence is a name, where nouns have none of their own."""
        said = _TRIM.sub("", _said(words[at]))
        begins = starts if at == 0 else ends_sentence(_said(words[at - 1]))
        if 2 <= len(said) <= 5 and said.isupper() and said.isalpha():
            return _ACRONYM
        if begins or self._code in _NOUNS_IN_CAPITALS or len(said) < 3:
            return 0.0
        return _NAME if said[0].isupper() and not said.startswith(("I'", "I’")) else 0.0

    def _whole(self, words: Sequence[CaptionWord], at: int, starts: bool) -> range:
        """The amount or the name that the word is part of."""
        number = self._is_number(_plain(_said(words[at])))

        def belongs(other: int) -> bool:
            if number:
                return self._is_number(_plain(_said(words[other])), parts=True)
            return self._name_worth(words, other, starts) > 0

        if not belongs(at):
            return range(at, at + 1)
        first, end = at, at + 1
        while first > 0 and belongs(first - 1) and end - first < _LONGEST_RUN:
            first -= 1
        while end < len(words) and belongs(end) and end - first < _LONGEST_RUN:
            end += 1
        return range(first, end)

    def _is_number(self, word: str, *, parts: bool = False) -> bool:
        if _DIGIT.search(word):
            return True
        return word in self._listed("number") and (parts or word not in _SMALL_NUMBERS)

    def _salience(self, word: str) -> float:
        """0 for a word said all the time, 1 for one that the talk says once or twice."""
        total = sum(self.counts.values())
        if total < 2:
            return 0.0
        return max(0.0, 1 - log(max(1, self.counts[word])) / log(total))

    def _listed(self, kind: str) -> frozenset[str]:
        return words_of_kind(kind, self._code)

    @property
    def _code(self) -> str:
        code = self.language.split("-")[0].lower()
        return "en" if code == "und" else code


def word_counts(texts: Iterable[str]) -> Counter[str]:
    """How often each word is said, as `Emphasis` wants it."""
    return Counter(filter(None, map(_plain, texts)))


def _said(word: CaptionWord) -> str:
    return word.said or word.text


def _plain(text: str) -> str:
    return _TRIM.sub("", text).lower().replace("’", "'")


def _marked(page: CaptionPage, chosen: range) -> CaptionPage:
    lines, at = [], 0
    for line in page.lines:
        lines.append(
            tuple(replace(word, emphasis=at + place in chosen) for place, word in enumerate(line))
        )
        at += len(line)
    return replace(page, lines=tuple(lines))
