"""Where a clip may begin and end: at sentences, and inside one only where it is longer than a clip."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.timecode import Span

# Openings that point at something said before; a clip that starts with one starts in the middle.
_DANGLING: dict[str, frozenset[str]] = {
    "en": frozenset(
        "and but or so nor because cause cuz then also plus although though whereas which who whose"
        " that those these this it he she they him her them his hers their its there otherwise"
        " instead however therefore hence thus besides anyway anyways meanwhile still yet too"
        " it's he's she's they're that's it'd he'd she'd they'd it'll he'll she'll they'll that'll"
        " they've there's who's".split()
    ),
    "de": frozenset(
        "und aber oder denn weil also dann auch doch sondern deshalb deswegen darum trotzdem dass"
        " der die das dieser diese dieses er sie es ihm ihr ihnen ihn dort davon damit dabei dazu"
        " danach allerdings außerdem jedoch".split()
    )
    - frozenset({"der", "die", "das"}),
    "es": frozenset(
        "y e pero o u porque pues entonces también además aunque sino que eso esto ese esa esos"
        " esas él ella ellos ellas así luego igualmente sin embargo".split()
    )
    - frozenset({"sin"}),
    "fr": frozenset(
        "et mais ou donc car parce puis alors aussi cependant pourtant que cela ça c'est il elle ils"
        " elles ce ceci lequel laquelle".split()
    ),
    "it": frozenset(
        "e ed ma o perché quindi allora poi anche però che questo quello lui lei loro essi".split()
    ),
    "pt": frozenset(
        "e mas ou porque então também além embora que isso isto esse essa ele ela eles elas".split()
    ),
    "nl": frozenset(
        "en maar of want omdat dus dan ook toch dat die dit deze hij zij ze hem haar hen".split()
    ),
    "ru": frozenset("и а но или потому поэтому тогда также что это он она они его её их".split()),
    "ar": frozenset(
        "و ف ثم لكن ولكن أو لأن لذلك إذن أيضا هذا هذه ذلك تلك هو هي هم وهو وهي وهذا فهو فهي".split()
    ),
}
# Written without spaces: a prefix decides.
_DANGLING_PREFIXES: dict[str, tuple[str, ...]] = {
    "ja": (
        "そして", "しかし", "でも", "だから", "それで", "それは", "それが", "また", "つまり", "なので",
        "けど", "ただ", "これは", "彼は", "彼女は", "その", "すると", "が、",
    ),
    "zh": ("而且", "但是", "可是", "所以", "因为", "然后", "而", "他", "她", "它", "这", "那", "不过", "因此"),
    "ko": ("그리고", "하지만", "그래서", "그런데", "그러나", "그것", "그는", "그녀"),
}  # fmt: skip
_FIRST_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PAUSE_MS = 250


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of speech a clip may begin or end at: a sentence, or a part of one that is too long."""

    text: str
    start_ms: int
    end_ms: int
    speaker: str | None
    sentence: int
    opens: bool = True
    closes: bool = True

    @property
    def span(self) -> Span:
        return Span(self.start_ms, self.end_ms)


def pieces_of(transcript: Transcript, longest_ms: int) -> tuple[Piece, ...]:
    """Every sentence as a piece; one longer than `longest_ms` as several, cut between words."""
    pieces: list[Piece] = []
    for index, sentence in enumerate(transcript.sentences):
        if sentence.end_ms - sentence.start_ms <= longest_ms:
            pieces.append(_whole(sentence, index))
        else:
            words = transcript.words_in(sentence.span) or estimated_words(sentence)
            pieces.extend(_parts(sentence, index, words, longest_ms))
    return tuple(pieces)


def estimated_words(sentence: Sentence) -> tuple[Word, ...]:
    """Word times by their share of the letters, where only the sentence is timed.

    Text without spaces is taken letter by letter.
    """
    units = sentence.text.split()
    if len(units) < 2:
        units = list(sentence.text.strip())
    letters = sum(len(unit) + 1 for unit in units)
    length = sentence.end_ms - sentence.start_ms
    words, before = [], 0
    for unit in units:
        after = before + len(unit) + 1
        start = sentence.start_ms + before * length // letters
        words.append(Word(unit, start, sentence.start_ms + after * length // letters))
        before = after
    return tuple(words)


def is_dangling(text: str, language: str) -> bool:
    """Does the opening lean on what was said before (a conjunction, a pronoun without its noun)?"""
    opening = text.lstrip(" \t\"'“”‘’«»¿¡([–—-….")
    prefixes = _DANGLING_PREFIXES.get(language)
    if prefixes is not None:
        return opening.startswith(prefixes)
    found = _FIRST_WORD.match(opening)
    if found is None:
        return False
    return found.group().lower().replace("’", "'") in _DANGLING.get(language, _DANGLING["en"])


def _whole(sentence: Sentence, index: int) -> Piece:
    return Piece(sentence.text, sentence.start_ms, sentence.end_ms, sentence.speaker, index)


def _parts(sentence: Sentence, index: int, words: Sequence[Word], longest_ms: int) -> list[Piece]:
    parts: list[Piece] = []
    first = 0
    while first < len(words):
        last = _cut(words, first, longest_ms)
        start = sentence.start_ms if first == 0 else words[first].start_ms
        end = sentence.end_ms if last == len(words) else words[last - 1].end_ms
        text = " ".join(word.text for word in words[first:last])
        parts.append(
            Piece(text, start, end, sentence.speaker, index, first == 0, last == len(words))
        )
        first = last
    return parts


def _cut(words: Sequence[Word], first: int, longest_ms: int) -> int:
    """Index after the last word of a part: after the longest pause in its second half."""
    starts = [word.start_ms for word in words]
    limit = bisect_right([word.end_ms for word in words], words[first].start_ms + longest_ms)
    if limit >= len(words):
        return len(words)
    limit = max(limit, first + 1)
    half = bisect_left(starts, words[first].start_ms + longest_ms // 2)
    choices = range(max(half, first + 1), limit)
    gaps = {at: words[at].start_ms - words[at - 1].end_ms for at in choices}
    best = max(gaps, key=lambda at: (gaps[at], at), default=limit)
    return best if gaps.get(best, 0) >= _PAUSE_MS else limit
