"""A chosen clip put into words: title, hook, quote, category, scorecard, reasons, speaker."""

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from goviral.engine.moments.boundaries import is_dangling
from goviral.engine.moments.categories import category_of
from goviral.engine.moments.features.table import Table
from goviral.engine.moments.moment import Moment
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.ranking import Heat
from goviral.engine.moments.reasons import reasons_for
from goviral.engine.moments.scorecard import SHAREABILITY, Judge, facet
from goviral.engine.moments.titles import best_title
from goviral.engine.moments.tokens import Floats
from goviral.kit.timecode import Span

_HOOK_WORDS = 4
_QUOTE_WORDS = (5, 45)


class Describer:
    """Describes clips of one talk; what all of them need is worked out once."""

    def __init__(
        self, pieces: Sequence[Piece], table: Table, heat: Heat, language: str, judge: Judge
    ) -> None:
        self._pieces = pieces
        self._table = table
        self._heat = heat
        self._language = language
        self._judge = judge

    def moment(self, first: int, last: int, mends: tuple[str, ...] = ()) -> Moment:
        """The moment that pieces `first` through `last` are."""
        inside = self._pieces[first : last + 1]
        card = self._judge.card(first, last)
        quote = first + self._quote(first, last)
        return Moment(
            span=Span(inside[0].start_ms, inside[-1].end_ms),
            score=card.total,
            scorecard=card,
            title=best_title([piece.text for piece in inside], quote - first, self._language),
            hook=self._hook(first, last),
            quote=self._pieces[quote].text.strip(),
            category=category_of(self._table, first, last),
            reasons=reasons_for(first, last, self._pieces, self._table, self._heat),
            speaker=_main_speaker(inside),
            mends=mends,
        )

    @cached_property
    def _quotable(self) -> Floats:
        """How well each piece stands alone as a quote: hot, shareable, neither a scrap nor a speech."""
        words = self._table.words
        heat = self._heat.per_piece / np.maximum(1.0, self._table.end_ms - self._table.start_ms)
        share = facet(self._table, SHAREABILITY) / np.maximum(1.0, words)
        value = _standard(heat) + _standard(share)
        scrap = (words < _QUOTE_WORDS[0]) | (words > _QUOTE_WORDS[1])
        leaning = np.array([is_dangling(piece.text, self._language) for piece in self._pieces])
        asking = self._table.column("question") > 0
        broken = self._table.column("trail") > 0
        quotable: Floats = value - 4.0 * scrap - 1.0 * leaning - 0.5 * asking - 2.0 * broken
        return quotable

    def _quote(self, first: int, last: int) -> int:
        return int(np.argmax(self._quotable[first : last + 1]))

    def _hook(self, first: int, last: int) -> str:
        """The opening sentence; with the next one where it is only a word or two."""
        text = self._pieces[first].text.strip()
        if self._table.words[first] < _HOOK_WORDS and first < last:
            text = f"{text} {self._pieces[first + 1].text.strip()}"
        return text


def _standard(values: Floats) -> Floats:
    spread = float(values.std())
    standard: Floats = (values - values.mean()) / spread if spread > 1e-9 else values * 0
    return standard


def _main_speaker(pieces: Sequence[Piece]) -> str | None:
    """Who speaks longest; the first by name of equals."""
    spoken: Counter[str] = Counter()
    for piece in pieces:
        if piece.speaker:
            spoken[piece.speaker] += piece.end_ms - piece.start_ms
    return min(spoken, key=lambda name: (-spoken[name], name), default=None)
