"""Other words for what was said, on the same stretch of time. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate

from goviral.engine.transcripts.document import Word

_AFFIXES = re.compile(r"^(\W*)(.*?)((?:['’]s)?\W*)$", re.DOTALL)


@lru_cache(maxsize=65536)
def affixes(text: str) -> tuple[str, str, str]:
    """`"“Steve’s,"` → `("“", "Steve", "’s,")`: what stands before, the word, what stands after."""
    match = _AFFIXES.match(text)
    assert match is not None  # every part of the pattern may be empty
    return match[1], match[2], match[3]


def reworded(run: Sequence[Word], text: str) -> list[Word]:
    """`text` for the words of `run`, with the marks that stood around them.

    As many words as before keep each its own time; another number is spread over the time of all of
    them by length. No words for an empty text.
    """
    new = text.split()
    if not new:
        return []
    before, heard, _ = affixes(run[0].text)
    after = affixes(run[-1].text)[2]
    if heard[:1].isupper() and new[0].islower():
        new[0] = new[0][0].upper() + new[0][1:]
    new[0] = before + new[0]
    new[-1] = new[-1] if new[-1].endswith(after) else new[-1] + after
    return retimed(run, new)


def retimed(run: Sequence[Word], texts: Sequence[str]) -> list[Word]:
    """`texts` in the time of `run`."""
    if len(texts) == len(run):
        return [replace(word, text=text) for word, text in zip(run, texts, strict=True)]
    start_ms, total_ms = run[0].start_ms, run[-1].end_ms - run[0].start_ms
    lengths = [len(text) + 1 for text in texts]
    ends = [start_ms + total_ms * sum_ // sum(lengths) for sum_ in accumulate(lengths)]
    starts = [start_ms, *ends[:-1]]
    return [
        replace(run[0], text=text, start_ms=start, end_ms=max(end, start + 1), probability=None)
        for text, start, end in zip(texts, starts, ends, strict=True)
    ]
