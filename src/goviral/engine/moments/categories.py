"""What sort of moment a clip is, by the kinds of words it has more of than its talk."""

import numpy as np

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.moment import Category

_SIGNS: dict[Category, tuple[str, ...]] = {
    "humor": ("say_humor", "say_reaction", "say_taboo", "say_animal", "say_food"),
    "story": ("say_story", "say_past", "say_speech", "say_people", "ed"),
    "emotion": ("say_disclosure", "say_negative", "say_positive", "say_death"),
    "how_to": ("say_advice", "say_list_marker", "say_modal"),
    "fact": ("digits", "say_number", "money_sign", "say_money", "say_science"),
    "debate": ("say_contrast", "say_negation", "nt", "dash"),
    "question": ("question", "say_question_word"),
    "insight": ("say_insight", "say_cause", "say_absolute", "say_comparison"),
}
_CLEAR = 0.35


def category_of(table: Table, first: int, last: int) -> Category:
    """The sort whose signs stand out most; "quote" where none does."""
    strengths = {sort: _strength(table, signs, first, last) for sort, signs in _SIGNS.items()}
    best = max(strengths, key=lambda sort: strengths[sort])
    return best if strengths[best] >= _CLEAR else "quote"


def _strength(table: Table, signs: tuple[str, ...], first: int, last: int) -> float:
    """Mean over the signs of how many deviations more of them there are than by chance (Poisson)."""
    words = float(table.words[first : last + 1].sum())
    all_words = max(1.0, float(table.words.sum()))
    values = []
    for sign in signs:
        column = table.column(sign)
        usual = float(column.sum()) / all_words * words
        values.append((float(column[first : last + 1].sum()) - usual) / np.sqrt(usual + 1))
    return float(np.mean(values))
