"""What is measured of every piece of a talk: one column a feature. Pure, linear in the words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from goviral.engine.moments.features.delivery import delivery_columns
from goviral.engine.moments.features.dialogue import Dialogue, dialogue_columns, dialogue_of
from goviral.engine.moments.features.housekeeping import housekeeping_in
from goviral.engine.moments.features.language import language_of
from goviral.engine.moments.features.lexicon import count_kinds, kinds
from goviral.engine.moments.features.salience import salience
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.tokens import Floats, Tokens, tokens_of

# "[Laughter]", "(applause)", "*laughs*": told apart from speech, never measured as words.
_MARK = re.compile(r"\[[^\]]{1,40}\]|\*[^*]{1,30}\*|♪[^♪]*♪?")
_ASIDE = re.compile(r"\([^)]{1,30}\)")
_REACTION = re.compile(
    r"laugh|applau|cheer|chuckl|giggl|clap|gelächter|lachen|beifall|risas|aplausos|rires"
    r"|applaudissements|risate|applausi|笑|拍手|ضحك|تصفيق",
    re.IGNORECASE,
)
_QUESTION_ENDS = tuple("?？؟")
_SENTENCE_ENDS = tuple(".!?…。！？؟।-—")
_CLOSERS = " \t\"'”’»」）)"


@dataclass(frozen=True)
class Table:
    """`values[p, names.index(f)]` is feature `f` of piece `p`.

    `is_count[f]` marks features that are counts (compared per word) against levels (compared per second).
    `marked` counts marks of laughter and applause that the transcript itself carries, `housekeeping` phrases
    about the event instead of its subject.
    """

    names: tuple[str, ...]
    values: Floats
    is_count: np.ndarray[tuple[int], np.dtype[np.bool_]]
    start_ms: Floats
    end_ms: Floats
    words: Floats
    marked: Floats
    punctuated: bool
    language: str
    housekeeping: Floats
    tokens: Tokens
    dialogue: Dialogue

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.names)}

    def column(self, name: str) -> Floats:
        """One feature of every piece."""
        values: Floats = self.values[:, self._places[name]]
        return values


def table_of(pieces: Sequence[Piece], language: str) -> Table:
    """Measure all `pieces` (at least one) of a talk in `language` (ISO 639-1; "und": found out here)."""
    texts = [_spoken(piece.text) for piece in pieces]
    spoken_in = language_of(language, texts)
    tokens = tokens_of(texts)
    start_ms = np.array([piece.start_ms for piece in pieces], dtype=np.float64)
    end_ms = np.array([piece.end_ms for piece in pieces], dtype=np.float64)
    dialogue = dialogue_of([piece.speaker for piece in pieces], tokens.counts)
    counts = {**_kinds(tokens, spoken_in), **_shape(tokens), **_punctuation(texts)}
    topical = salience(tokens)
    turns = dialogue_columns(dialogue, tokens.counts, counts["question"])
    counts |= {name: topical.pop(name) for name in ("idf_sum", "new_words", "hapax", "repeat")}
    counts |= {name: turns.pop(name) for name in ("turn_start", "short_turn")}
    levels = {**topical, **turns, **delivery_columns(start_ms, end_ms, tokens.counts)}
    levels["length"] = np.log1p(tokens.counts)
    return Table(
        (*counts, *levels),
        np.stack([*counts.values(), *levels.values()], axis=1),
        np.array([True] * len(counts) + [False] * len(levels)),
        start_ms,
        end_ms,
        tokens.counts,
        np.array([_marks(piece.text) for piece in pieces], dtype=np.float64),
        sum(text.rstrip(_CLOSERS).endswith(_SENTENCE_ENDS) for text in texts) * 2 >= len(texts),
        spoken_in,
        np.array([housekeeping_in(text) for text in texts], dtype=np.float64),
        tokens,
        dialogue,
    )


def _kinds(tokens: Tokens, language: str) -> dict[str, Floats]:
    counted = count_kinds(tokens, language)
    return {f"say_{kind}": counted[:, at] for at, kind in enumerate(kinds())}


def _shape(tokens: Tokens) -> dict[str, Floats]:
    """The form of the words: length, endings, digits, capitals inside a sentence."""
    opening = np.zeros(len(tokens.ids), dtype=np.bool_)
    opening[tokens.offsets[:-1][tokens.counts > 0]] = True
    lengths = np.array([len(word) for word in tokens.vocabulary], dtype=np.float64)
    return {
        "names": tokens.per_piece(tokens.capitalised & ~opening),
        "long_words": tokens.count_where(lambda word: len(word) >= 9),
        "short_words": tokens.count_where(lambda word: len(word) <= 3),
        "digits": tokens.count_where(lambda word: word[0].isdigit()),
        "ed": tokens.count_where(lambda word: word.endswith("ed") and len(word) > 4),
        "ing": tokens.count_where(lambda word: word.endswith("ing") and len(word) > 5),
        "est": tokens.count_where(lambda word: word.endswith("est") and len(word) > 4),
        "ly": tokens.count_where(lambda word: word.endswith("ly") and len(word) > 4),
        "nt": tokens.count_where(lambda word: word.endswith("n't")),
        "abstract": tokens.count_where(
            lambda word: word.endswith(("tion", "tions", "ment", "ments", "ity", "ness", "ism"))
        ),
        "chars": tokens.per_piece(lengths[tokens.ids]),
    }


def _punctuation(texts: Sequence[str]) -> dict[str, Floats]:
    rows = [_marks_of_writing(text) for text in texts]
    names = ("question", "exclaim", "quotes", "dash", "trail", "comma", "colon", "money_sign")
    columns = np.array(rows, dtype=np.float64).reshape(len(texts), len(names))
    return {name: columns[:, at] for at, name in enumerate(names)}


def _marks_of_writing(text: str) -> tuple[float, ...]:
    end = text.rstrip(_CLOSERS)
    return (
        end.endswith(_QUESTION_ENDS),
        "!" in text or "！" in text,
        any(mark in text for mark in '"“”「«'),
        "--" in text or "—" in text or "–" in text,
        end.endswith(("--", "…", "...", "—", "-")),
        text.count(",") + text.count("、") + text.count("،"),
        text.count(":") + text.count(";"),
        sum(text.count(sign) for sign in "$%€£¥"),
    )


def _spoken(text: str) -> str:
    """The text without its marks; what stands in round brackets is speech unless it tells of a reaction."""
    if not any(sign in text for sign in "[(*♪"):
        return text
    return _ASIDE.sub(
        lambda aside: " " if _REACTION.search(aside.group()) else aside.group(),
        _MARK.sub(" ", text),
    )


def _marks(text: str) -> int:
    found = [*_MARK.findall(text), *_ASIDE.findall(text)]
    return sum(1 for mark in found if _REACTION.search(mark))
