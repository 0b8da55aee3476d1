"""Short titles made of the moment's own words: a clause that was said, never a template."""

import re
from collections.abc import Sequence

from goviral.engine.moments.boundaries import is_dangling
from goviral.engine.moments.tokens import is_unspaced, normal, words_of

LONGEST = 60
FALLBACK = "Moment"
"""The title where nothing was said that one could be made of."""
_ENOUGH = 15
_LEAST_UNSPACED = 6
_WHOLE = 0.6
_FAR = 0.15
_SPOKEN_NOISE = re.compile(
    r"^(?:(?:and|but|so|well|okay|ok|yeah|yes|yep|no|right|now|like|um|uh|oh|ah|hey|look|listen|actually"
    r"|basically|honestly|you know|i mean|i think|i guess|sort of|kind of|it's like|because|then"
    r"|also|also ich|naja|und|aber|bueno|pues|entonces|y|alors|donc|et|mais)\b[,.\s–—-]*)+",
    re.IGNORECASE,
)
_STUTTER = re.compile(r",?\s*\b(?:um+|uh+|erm|hmm+|mhm|ähm?|euh)\b[,.…]*", re.IGNORECASE)
_MARK = re.compile(r"\[[^\]]*\]|♪")
_CLAUSE_END = re.compile(r"(?<=[,;:.!?…])\s+|\s[-–—]+\s|(?<=[、。！？；，؟،؛])|--+")
_EDGES = " \t\"'“”‘’«»()[]–—-*,;:."
# A clause that begins like this waits for its main clause: a poor title unless it is the whole sentence.
_WAITING = """
    if when while whenever as in on with without by for of at from to into though although since until unless
    before after during just almost not especially like than wenn als während bei mit für von cuando si mientras
    con para por en de quand lorsque avec pour dans quando se mentre com
"""
_WEAK_START = frozenset(_WAITING.split())
_WEAK_END = frozenset(
    ["a", "an", "the", "of", "to", "in", "on", "at", "for", "with", "and", "or", "but", "that", "which", "who", "is", "are", "was", "were", "be", "as", "by", "from", "my", "your", "his", "her", "its", "our", "their", "this", "these", "those", "if", "so", "than", "then", "into", "about", "i", "we", "you", "he", "she", "they", "it", "der", "die", "das", "und", "oder", "zu", "von", "mit", "el", "la", "los", "las", "de", "y", "o", "en", "un", "una", "que", "le", "les", "des", "du", "et", "à", "au", "il", "lo", "di", "e", "not", "just", "very", "really", "can", "could", "would", "will", "do", "does", "did", "have", "has", "had", "because", "when", "where", "how", "what"]
)  # fmt: skip


_PERSONAL = frozenset(("i", "i'm", "i've", "we", "you"))


def title_of(sentence: str, language: str = "en") -> str:
    """A title of at most 60 characters from one sentence, whole words only; never empty."""
    return best_title([sentence], 0, language)


def best_title(sentences: Sequence[str], quote: int, language: str) -> str:
    """The clause of `sentences` that says best what they are about, near `sentences[quote]`.

    Clauses of 15 to 60 characters compete by the words they share with the rest (what it is about), by
    not leaning on what was said before, and by their distance to the quote. Without any, the quote is cut
    after a whole word.
    """
    topics = _topics(sentences)
    choices = [
        (
            _worth(clause, topics, language) + _WHOLE * (at_sentence == 0) - _FAR * abs(at - quote),
            -abs(at - quote),
            clause,
        )
        for at, sentence in enumerate(sentences)
        for at_sentence, clause in _clauses(sentence)
    ]
    if choices:
        return _capital(max(choices)[2])
    for sentence in (sentences[quote], *sentences):
        if words_of(cut := shortened(_bare(sentence))):
            return _capital(cut)
    return FALLBACK


def shortened(text: str) -> str:
    """The beginning of `text`, at most 60 characters, ending at a word that can end a title."""
    if len(text) <= LONGEST:
        return text
    if " " not in text[: LONGEST + 1]:
        return text[:LONGEST]
    words = text[: LONGEST + 1].rsplit(" ", 1)[0].split()
    while len(words) > 1 and normal(words[-1].strip(_EDGES)) in _WEAK_END:
        words.pop()
    return " ".join(words).rstrip(_EDGES)


def _clauses(sentence: str) -> list[tuple[int, str]]:
    """The sentence (place 0) and its clauses, as far as they are of a title's length."""
    text = " ".join(_MARK.sub(" ", sentence).split())
    parts = [text, *_CLAUSE_END.split(text)]
    bare = [_bare(part) for part in parts]
    asks = [part.rstrip("\"'”’» ").endswith(("?", "？", "؟")) for part in parts]
    kept: dict[str, int] = {}
    for at, (clause, is_question) in enumerate(zip(bare, asks, strict=True)):
        marked = _balanced(clause)
        if is_question:
            marked = f"{marked.rstrip('?？؟')}{'؟' if '؟' in sentence else '?'}"
        if _least(marked) <= len(marked) <= LONGEST and _ends_well(clause):
            kept.setdefault(marked, at)
    return [(at, clause) for clause, at in kept.items()]


def _balanced(text: str) -> str:
    """Without quotation marks where one of a pair is missing."""
    if text.count('"') % 2 or text.count("“") != text.count("”"):
        return re.sub('["“”]', "", text)
    return text


def _least(text: str) -> int:
    """Unspaced scripts say in six letters what others say in fifteen."""
    return _LEAST_UNSPACED if is_unspaced(text) else _ENOUGH


def _ends_well(clause: str) -> bool:
    words = clause.split()
    return bool(words) and normal(words[-1].strip(_EDGES + "?!")) not in _WEAK_END


def _bare(text: str) -> str:
    plain = " ".join(_STUTTER.sub("", _MARK.sub(" ", text)).split()).strip(_EDGES)
    return _SPOKEN_NOISE.sub("", plain).strip(_EDGES) or plain


def _topics(sentences: Sequence[str]) -> dict[str, float]:
    """Longer words by how many sentences of the clip have them."""
    counts: dict[str, float] = {}
    for sentence in sentences:
        for word in {normal(word) for word in words_of(sentence)}:
            if len(word) > 3 or not word.isascii():
                counts[word] = counts.get(word, 0) + 1
    return counts


def _worth(clause: str, topics: dict[str, float], language: str) -> float:
    words = words_of(clause)
    about = sum(min(3.0, topics.get(normal(word), 0)) * min(len(word), 10) / 10 for word in words)
    telling = sum(word[0].isupper() or word[0].isdigit() for word in words[1:])
    leaning = is_dangling(clause, language)
    first = normal(words[0]) if words else ""
    costs = 1.5 * leaning + 0.2 * (first in _PERSONAL) + 1.0 * (first in _WEAK_START)
    return about / (len(words) + 3) * 3 + 0.4 * telling + 0.6 * len(clause) / LONGEST - costs


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
