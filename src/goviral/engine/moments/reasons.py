"""Why a clip: the features that raised its heat most, in words, with where each was heard."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.moment import Reason
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.ranking import Heat
from goviral.engine.moments.tokens import Floats

MOST = 5
_LEAST = 0.02

# Features that tell the same are told together: the one whose value says which way, and both ways in words.
GROUPS = {
    "position": ("pos", "Comes late in the talk", "Comes early in the talk"),
    "turns": ("turn_start", "Quick exchanges between the speakers", "One voice, uninterrupted"),
    "wording": ("length", "Long, full sentences", "Short, plain sentences"),
    "salience": ("centroid", "At the heart of the talk", "Away from the talk's usual subject"),
    "novelty": ("new_words", "Says things for the first time", "Takes up what was said before"),
    "pauses": ("gap_before", "Leaves room between sentences", "No room between sentences"),
    "voices": ("share", "The main voices of the talk", "A voice that is rarely heard"),
}
_GROUP_OF = {
    **dict.fromkeys(("pos", "pos2", "early", "early10", "late"), "position"),
    **dict.fromkeys(
        ("turn_start", "turn_end", "turn_len", "turn_pos", "turn_left", "prev_turn", "next_turn"),
        "turns",
    ),
    **dict.fromkeys(
        ("length", "dur", "chars", "long_words", "short_words", "comma", "idf_sum", "abstract"),
        "wording",
    ),
    **dict.fromkeys(("centroid", "lexrank"), "salience"),
    **dict.fromkeys(("idf_max", "new_words", "hapax", "repeat"), "novelty"),
    **dict.fromkeys(("gap_before", "gap_after"), "pauses"),
    **dict.fromkeys(("share", "top_speaker", "rare_speaker", "asker"), "voices"),
}
# What any other feature is called; "more" or "less" is said by its value against the talk's average.
NAMES = {
    "asked_for": "of what was asked for",
    "answer": "answers to questions",
    "colon": "colons",
    "dash": "broken-off thoughts",
    "digits": "figures",
    "ed": "past tense",
    "est": "superlatives",
    "exclaim": "exclamations",
    "housekeeping": "talk about the event itself",
    "ing": "actions in progress",
    "inner_question": "questions the speaker answers himself",
    "loud_burst": "loudness",
    "ly": "adverbs",
    "marked_reaction": "marked laughter or applause",
    "money_sign": "sums and percentages",
    "names": "names",
    "nt": "contracted negations",
    "question": "questions",
    "quotes": "quoted speech",
    "rate": "pace",
    "short_turn": "short replies",
    "trail": "unfinished sentences",
}
KIND_NAMES = {
    "animal": "animals",
    "body": "the body",
    "everyday": "everyday things",
    "food": "food",
    "politics": "politics",
    "school": "school",
    "science": "science",
    "work": "work",
    "absolute": "absolutes (always, never, best)",
    "address": "forms of address",
    "advice": "advice",
    "age_gender": "ages and stages of life",
    "agreement": "agreement",
    "apology": "apologies",
    "cause": "causes",
    "comparison": "comparisons",
    "confusion": "confusion",
    "contrast": "contrast",
    "death": "life and death",
    "demonstrative": "pointing words",
    "disclosure": "personal feelings",
    "emphasis": "announcements (here's the thing)",
    "filler": "fillers",
    "formal": "formal words",
    "hedge": "hedging",
    "humor": "humour",
    "hypothetical": "what-ifs",
    "i": "first person",
    "informal": "casual words",
    "insight": "big ideas",
    "intense": "intensity",
    "list_marker": "steps of a list",
    "media": "films, songs and the net",
    "meta": "housekeeping of the show",
    "modal": "can, should and must",
    "money": "money",
    "negation": "negations",
    "negative": "trouble and pain",
    "number": "numbers",
    "past": "past tense",
    "people": "people close to the speaker",
    "positive": "joy and praise",
    "question_word": "asking words",
    "reaction": "spontaneous reactions",
    "self_reference": "the talk itself",
    "speech": "who said what",
    "story": "telling of a story",
    "surprise": "surprise",
    "taboo": "taboo words",
    "they": "other people",
    "third_person": "he and she",
    "we": "we",
    "you": "the listener addressed",
}


def reasons_for(
    first: int, last: int, pieces: Sequence[Piece], table: Table, heat: Heat
) -> tuple[Reason, ...]:
    """The strongest few, by deviations of heat that they add to the clip; each with its strongest sentence.

    `feature` is a feature of the table, or one of `GROUPS` for those that tell the same.
    """
    lasting = max(1.0, table.end_ms[last] - table.start_ms[first])
    topics = _topics(heat.features)
    effects = {
        topic: heat.effects[first : last + 1, at].sum(axis=1) / lasting
        for topic, at in topics.items()
    }
    adds = {topic: float(effect.sum()) for topic, effect in effects.items()}
    best = sorted((topic for topic in adds if adds[topic] > _LEAST), key=lambda t: (-adds[t], t))
    return tuple(
        Reason(
            topic,
            _said(topic, table, first, last),
            round(adds[topic], 4),
            pieces[first + int(np.argmax(effects[topic]))].span,
        )
        for topic in best[:MOST]
    )


@lru_cache(maxsize=4)
def _topics(features: tuple[str, ...]) -> dict[str, list[int]]:
    """Columns by what they tell."""
    topics: dict[str, list[int]] = {}
    for at, feature in enumerate(features):
        topics.setdefault(topic_of(feature), []).append(at)
    return topics


def topic_of(feature: str) -> str:
    """The group a feature is told in, or the feature itself."""
    return _GROUP_OF.get(feature, feature)


def _said(topic: str, table: Table, first: int, last: int) -> str:
    if topic in GROUPS:
        lead, more, less = GROUPS[topic]
        return more if _is_more(lead, table, first, last) else less
    many = "More" if _is_more(topic, table, first, last) else "Less"
    return f"{many} {label_of(topic)} than usual in this talk"


def label_of(feature: str) -> str:
    """The words for a feature that is not told in a group."""
    if feature.startswith("say_"):
        return KIND_NAMES[feature.removeprefix("say_")]
    return NAMES[feature]


def _is_more(feature: str, table: Table, first: int, last: int) -> bool:
    """Does the clip have more of it than the talk? What only the ranking adds is there or not: more."""
    if feature not in table.names:
        return True
    column, words = table.column(feature), table.words
    inside = column[first : last + 1]
    if bool(table.is_count[table.names.index(feature)]):
        return _rate(inside, words[first : last + 1]) >= _rate(column, words)
    return float(inside.mean()) >= float(column.mean())


def _rate(column: Floats, words: Floats) -> float:
    return float(column.sum()) / max(1.0, float(words.sum()))
