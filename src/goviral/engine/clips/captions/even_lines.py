"""A title in lines: as few as it fits in, as even as they can be. Pure but for fonts."""

from collections.abc import Callable, Sequence
from functools import cache

from goviral.engine.clips.captions.typesetting import Typesetter

_MOST_TRIED = 24
"""Beyond so many pieces lines are filled from left to right: every division would be too many."""


def even_lines(words: Sequence[str], setter: Typesetter, most: int) -> list[list[str]]:
    """The fewest lines whose widest fits; the most lines there may be where none does."""
    width = cache(setter.line_width)
    best: list[tuple[str, ...]] = []
    for count in range(1, min(most, len(words)) + 1):
        best = _narrowest(tuple(words), count, width)
        if all(map(setter.fits, best)):
            break
    return [list(line) for line in best]


def _narrowest(
    words: tuple[str, ...], count: int, width: Callable[[tuple[str, ...]], float]
) -> list[tuple[str, ...]]:
    """Words in exactly `count` lines, the widest as narrow as possible."""
    if count == 1:
        return [words]
    if len(words) > _MOST_TRIED:
        at = -(-len(words) // count)
        return [words[:at], *_narrowest(words[at:], count - 1, width)]
    splits = (
        [words[:at], *_narrowest(words[at:], count - 1, width)]
        for at in range(1, len(words) - count + 2)
    )
    return min(splits, key=lambda lines: max(map(width, lines)))
