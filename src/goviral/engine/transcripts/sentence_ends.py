"""Which words end a sentence, told by their punctuation.

Most full stops are plain ("…we left. Then…") and decided here. The doubtful ones (abbreviations,
initials, numbers) are asked of pysbd, with a few words around them, many in one call: on the whole
text pysbd alone would take longer than everything else together.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

_CLOSING = frozenset("\"'”’»)]」』）》】›.!?…")
_CLOSERS = "\"'”’»)\\]」』）》】›"
_END = re.compile(rf"(?:[.!?…]+|[。！？｡؟۔।॥։።፧។၊။]+)[{_CLOSERS}]*$")
_STOP = re.compile(rf"(?<!\.)\.[{_CLOSERS}]*$")
_OPENERS = "\"'“‘«([¿¡„—–-"
_WINDOW = (10, 5)
"""Words shown to pysbd before and after a doubtful one."""
_BLOCK = 40
"""Windows in one call: pysbd slows down with the length of its text."""


def ends_like_a_sentence(text: str) -> bool:
    """Whether `text` closes with a mark that can end a sentence."""
    return _END.search(text) is not None


def sentence_ends(words: Sequence[str], language: str) -> list[bool]:
    """For each word, whether a sentence ends with it. Words without punctuation never do."""
    candidates = [i for i, word in enumerate(words) if _may_end(word)]
    ends = [False] * len(words)
    cased = _is_cased(words, candidates)
    doubtful = []
    for index in candidates:
        verdict = _plain_verdict(words, index, cased, language)
        if verdict is None:
            doubtful.append(index)
        else:
            ends[index] = verdict
    for index, verdict in zip(doubtful, _ask_pysbd(words, doubtful, language), strict=True):
        ends[index] = verdict
    for index in candidates:
        # French and sloppy writing put a space before the mark that closes: it closes this one.
        if ends[index] and index + 1 < len(words) and _closes(words[index + 1]):
            ends[index], ends[index + 1] = False, True
    return ends


def _may_end(word: str) -> bool:
    last = word[-1:]
    return not last.isalnum() and ends_like_a_sentence(word)


def _closes(word: str) -> bool:
    return all(character in _CLOSING for character in word)


def _is_cased(words: Sequence[str], candidates: Sequence[int]) -> bool:
    """False where sentences start in lower case throughout: there case says nothing."""
    following = [words[i + 1].lstrip(_OPENERS)[:1] for i in candidates if i + 1 < len(words)]
    lower = sum(character.islower() for character in following)
    return 2 * lower <= len(following)


def _plain_verdict(words: Sequence[str], index: int, cased: bool, language: str) -> bool | None:
    """True or False where the marks alone decide, None where pysbd is to be asked."""
    if index + 1 == len(words):
        return True
    word, following = words[index], words[index + 1].lstrip(_OPENERS)[:1]
    if cased and following.islower():
        return False
    if not _STOP.search(word):
        return True
    core = word.strip(_OPENERS + "\"'”’»)]").removesuffix(".").lower()
    if len(core) <= 1 or "." in core or core.isdigit() or core in _abbreviations(language):
        return None
    return True


def _ask_pysbd(words: Sequence[str], doubtful: Sequence[int], language: str) -> Iterator[bool]:
    for first in range(0, len(doubtful), _BLOCK):
        block = doubtful[first : first + _BLOCK]
        windows = [(max(0, i - _WINDOW[0]), i, i + 1 + _WINDOW[1]) for i in block]
        text = "\n".join(" ".join(words[a:b]) for a, _, b in windows)
        cuts = _cuts(text, language)
        reached = 0
        for a, index, b in windows:
            before = sum(len(word) for word in words[a : index + 1])
            yield reached + before in cuts
            reached += sum(len(word) for word in words[a:b])


def _cuts(text: str, language: str) -> set[int]:
    """Where pysbd ends a sentence, counted in characters that are not white space."""
    sentences = _segmenter(language).processor(text).process()
    cuts, reached = set(), 0
    for sentence in sentences:
        reached += len("".join(sentence.split()))
        cuts.add(reached)
    return cuts


@lru_cache(maxsize=4)
def _segmenter(language: str) -> Any:
    with warnings.catch_warnings():
        # pysbd's patterns hold escapes that Python complains about when it first compiles them.
        warnings.simplefilter("ignore")
        import pysbd
        from pysbd.languages import LANGUAGE_CODES
    return pysbd.Segmenter(language=language if language in LANGUAGE_CODES else "en", clean=False)


@lru_cache(maxsize=4)
def _abbreviations(language: str) -> frozenset[str]:
    return frozenset(_segmenter(language).language_module.Abbreviation.ABBREVIATIONS)
