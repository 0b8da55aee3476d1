"""Why a clip: the features that raised its heat most, in words, with where each was heard."""

from collections.abc import Sequence

import numpy as np

from goviral.engine.moments.features.table import Table
from goviral.engine.moments.features.tokens import Floats
from goviral.engine.moments.moment import Reason
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.ranking import Heat

MOST = 5
_LEAST = 0.02

# What a feature is called; "more" or "less" is said by its value against the talk's average.
NAMES = {
    "abstract": "abstract nouns",
    "answer": "answers to a question",
    "asker": "speech of the one who asks",
    "centroid": "words at the heart of the talk",
    "chars": "letters a word",
    "colon": "colons",
    "comma": "subordinate clauses",
    "dash": "broken-off thoughts",
    "digits": "figures",
    "dur": "time a sentence",
    "early": "closeness to the beginning",
    "early10": "closeness to the beginning",
    "ed": "past tense",
    "est": "superlatives",
    "exclaim": "exclamations",
    "gap_after": "silence after sentences",
    "gap_before": "silence before sentences",
    "hapax": "words said nowhere else",
    "idf_max": "rare words",
    "idf_sum": "rare words",
    "ing": "actions in progress",
    "inner_question": "questions the speaker answers himself",
    "late": "closeness to the end",
    "length": "words a sentence",
    "lexrank": "agreement with the whole talk",
    "long_words": "long words",
    "loud_burst": "loudness",
    "ly": "adverbs",
    "marked_reaction": "marked laughter or applause",
    "money_sign": "sums and percentages",
    "names": "names",
    "new_words": "words said for the first time",
    "next_turn": "length of the reply that follows",
    "nt": "negations",
    "pos": "lateness in the talk",
    "pos2": "distance from the middle of the talk",
    "prev_turn": "length of the turn before",
    "question": "questions",
    "quotes": "quoted speech",
    "rare_speaker": "speech of someone rarely heard",
    "rate": "pace",
    "repeat": "words taken up again",
    "share": "speech of the main voices",
    "short_turn": "short replies",
    "short_words": "short words",
    "top_speaker": "speech of the main voice",
    "trail": "unfinished sentences",
    "turn_end": "ends of turns",
    "turn_left": "speech still to come in the turn",
    "turn_len": "length of turns",
    "turn_pos": "time into the turn",
    "turn_start": "changes of speaker",
}
KIND_NAMES = {
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
    """The strongest few, by deviations of heat that they add to the clip; each with its strongest sentence."""
    effects = heat.effects[first : last + 1].astype(np.float64)
    lasting = max(1.0, table.end_ms[last] - table.start_ms[first])
    adds = effects.sum(axis=0) / lasting
    best = [at for at in np.argsort(-adds, kind="stable").tolist() if adds[at] > _LEAST]
    reasons: dict[str, Reason] = {}
    for at in best:
        name = heat.features[at]
        text = f"{_direction(name, table, first, last)} {label_of(name)} than usual in this talk"
        piece = pieces[first + int(np.argmax(effects[:, at]))]
        reasons.setdefault(text, Reason(name, text, round(float(adds[at]), 4), piece.span))
        if len(reasons) == MOST:
            break
    return tuple(reasons.values())


def label_of(feature: str) -> str:
    """The words for a feature."""
    if feature.startswith("say_"):
        kind = feature.removeprefix("say_")
        return KIND_NAMES.get(kind, kind.replace("_", " "))
    return NAMES[feature]


def _direction(name: str, table: Table, first: int, last: int) -> str:
    if name not in table.names:
        return "More"
    column = table.column(name)
    inside, all_of_it = column[first : last + 1], column
    if bool(table.is_count[table.names.index(name)]):
        return _more(_rate(inside, table.words[first : last + 1]), _rate(all_of_it, table.words))
    return _more(float(inside.mean()), float(all_of_it.mean()))


def _rate(column: Floats, words: Floats) -> float:
    return float(column.sum()) / max(1.0, float(words.sum()))


def _more(inside: float, usual: float) -> str:
    return "More" if inside >= usual else "Less"
