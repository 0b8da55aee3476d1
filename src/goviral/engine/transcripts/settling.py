"""Words put into the sentences they were said in, where both came with times of their own. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from goviral.engine.transcripts.captions import spread_words
from goviral.engine.transcripts.document import Sentence, Word
from goviral.engine.transcripts.mending import Placed


def settle(
    sentences: Sequence[Placed], words: Sequence[Placed]
) -> tuple[list[Placed], list[Placed], int]:
    """Every word inside exactly one sentence; third, how many sentences had none and got estimates.

    Both lists must be mended already. A word belongs to the last sentence that begins before its
    middle; the sentence grows to hold it, the word is cut where the next sentence begins.
    Without any words, none are made up.
    """
    if not words:
        return list(sentences), [], 0
    settled: list[Placed] = []
    filled: list[Placed] = []
    wordless = 0
    groups = _groups(sentences, words)
    for number, (sentence, group) in enumerate(zip(sentences, groups, strict=True)):
        floor = settled[-1].end_ms if settled else 0
        ceiling = sentences[number + 1].start_ms if number + 1 < len(sentences) else None
        held = [_within(word, floor, ceiling) for word in group]
        settled.append(_grown(sentence, held, floor))
        filled += held or spread_words(settled[-1])
        wordless += not held
    return settled, filled, wordless


def is_settled(sentences: Sequence[Sentence], words: Sequence[Word]) -> bool:
    """Whether the invariants of a transcript hold already, every sentence with words of its own."""
    if not sentences or not (_in_order(sentences) and _in_order(words)):
        return False
    if any(sentence.id != number for number, sentence in enumerate(sentences)):
        return False
    position = 0
    for sentence in sentences if words else ():
        first = position
        while position < len(words) and words[position].end_ms <= sentence.end_ms:
            position += 1
        if first == position or words[first].start_ms < sentence.start_ms:
            return False
    return position == len(words)


def _in_order(parts: Sequence[Sentence] | Sequence[Word]) -> bool:
    reached = 0
    for part in parts:
        if not (type(part.start_ms) is int is type(part.end_ms)):
            return False
        if not reached <= part.start_ms < part.end_ms or not _is_clean(part.text):
            return False
        if part.speaker is not None and not _is_clean(part.speaker):
            return False
        reached = part.end_ms
    return True


def _is_clean(text: object) -> bool:
    return isinstance(text, str) and text != "" and " ".join(text.split()) == text


def _groups(sentences: Sequence[Placed], words: Sequence[Placed]) -> list[list[Placed]]:
    starts = [sentence.start_ms for sentence in sentences]
    groups: list[list[Placed]] = [[] for _ in sentences]
    for word in words:
        middle = (word.start_ms + word.end_ms) // 2
        groups[max(0, bisect_right(starts, middle) - 1)].append(word)
    return groups


def _within(word: Placed, floor: int, ceiling: int | None) -> Placed:
    start = max(word.start_ms, floor)
    end = word.end_ms if ceiling is None else min(word.end_ms, ceiling)
    if start == word.start_ms and end == word.end_ms:
        return word
    return replace(word, start_ms=start, end_ms=end)


def _grown(sentence: Placed, words: Sequence[Placed], floor: int) -> Placed:
    start, end = sentence.start_ms, sentence.end_ms
    if words:
        start, end = min(start, words[0].start_ms), max(end, words[-1].end_ms)
    return replace(sentence, start_ms=max(floor, start), end_ms=end)
