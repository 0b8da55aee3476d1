"""Who speaks, for how long, after whom. All columns are zero where nobody, or one person, is named."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from goviral.engine.moments.tokens import Floats, Ints

_SHORT_TURN_WORDS = 4
_RARE_SHARE = 0.05
COLUMNS = [
    "turn_start",
    "turn_end",
    "turn_len",
    "turn_pos",
    "turn_left",
    "prev_turn",
    "next_turn",
    "short_turn",
    "share",
    "asker",
    "top_speaker",
    "rare_speaker",
    "answer",
    "inner_question",
]


@dataclass(frozen=True)
class Dialogue:
    """`speaker[p]` numbers the speaker of piece `p`, `turn[p]` its turn; `shares` are of all words."""

    speaker: Ints
    turn: Ints
    shares: Floats

    @property
    def turns(self) -> int:
        return int(self.turn[-1]) + 1

    @property
    def known(self) -> bool:
        """Are at least two people told apart?"""
        return len(self.shares) > 1


def dialogue_of(speakers: Sequence[str | None], words: Floats) -> Dialogue:
    """Number speakers and turns; a piece without a name goes on with the one before."""
    places: dict[str, int] = {}
    last = next((name for name in speakers if name), "")
    numbers = []
    for name in speakers:
        last = name or last
        numbers.append(places.setdefault(last, len(places)))
    speaker = np.array(numbers, dtype=np.int64)
    changes = np.r_[False, speaker[1:] != speaker[:-1]]
    spoken = np.bincount(speaker, words)
    return Dialogue(speaker, np.cumsum(changes), spoken / max(1.0, spoken.sum()))


def dialogue_columns(dialogue: Dialogue, words: Floats, question: Floats) -> dict[str, Floats]:
    """The columns named in `COLUMNS`; lengths are log(1 + words)."""
    if not dialogue.known:
        return {name: np.zeros(len(words)) for name in COLUMNS}
    turn, speaker = dialogue.turn, dialogue.speaker
    starts = np.r_[True, turn[1:] != turn[:-1]]
    ends = np.r_[starts[1:], True]
    length = np.bincount(turn, words)
    until = np.cumsum(length)[turn]
    said = np.cumsum(words)
    share = dialogue.shares[speaker]
    asked = np.bincount(speaker, question) / np.maximum(1, np.bincount(speaker))
    after_question = np.r_[False, question[:-1] > 0]
    columns: dict[str, NDArray[np.generic]] = {
        "turn_start": starts,
        "turn_end": ends,
        "turn_len": np.log1p(length[turn]),
        "turn_pos": np.log1p(said - words - (until - length[turn])),
        "turn_left": np.log1p(until - said),
        "prev_turn": np.log1p(np.r_[0.0, length[:-1]][turn]),
        "next_turn": np.log1p(np.r_[length[1:], 0.0][turn]),
        "short_turn": starts & (length[turn] <= _SHORT_TURN_WORDS),
        "share": share,
        "asker": asked[speaker],
        "top_speaker": speaker == np.argmax(dialogue.shares),
        "rare_speaker": share < _RARE_SHARE,
        "answer": starts & after_question,
        "inner_question": (question > 0) & ~ends,
    }
    return {name: values.astype(np.float64) for name, values in columns.items()}
