"""Whether what was heard is a known name, nearly spelt or sounding the same. Pure."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

SHORTEST = 5
"""Letters below which a name must be heard exactly: near a short one lie too many ordinary words."""
_CLASSES = {
    letter: code
    for code, letters in enumerate(("bfpv", "cgjkqsxz", "dt", "l", "mn", "r"), 1)
    for letter in letters
}
_LONG_SOUND = 5
_LONG_SOUND_CHANGES = 0.5
_SOUND_CHANGES = 0.3
_LETTER_CHANGES = 0.2


@lru_cache(maxsize=65536)
def letters_of(text: str) -> str:
    """Letters and digits alone, lower case, accents set aside."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in apart if character.isalnum())


@lru_cache(maxsize=65536)
def sound_of(letters: str) -> str:
    """Consonants by class, repeats once, vowels, h and w left out but for the first letter: Soundex
    (US patent 1,261,167) without its limit of four, and blind to which letter of a class comes first.

    Letters of other alphabets stand for themselves.
    """
    codes: list[str] = []
    for place, letter in enumerate(letters):
        code = str(_CLASSES.get(letter, "")) or ("" if letter.isascii() else letter)
        if not code and place == 0:
            code = "a"
        if code and (not codes or codes[-1] != code):
            codes.append(code)
    return "".join(codes)


def is_alike(heard: Sequence[str], name: str) -> bool:
    """Whether the words heard may be the name.

    A capital says that the recogniser heard a name: one letter in five may differ. Otherwise it must
    sound the same, and a third of the letters may differ, or half in a long name. An ordinary word is
    hardly ever both.
    """
    one, other = letters_of("".join(heard)), letters_of(name)
    if min(len(one), len(other)) < SHORTEST or len(heard) > len(name.split()) + 2:
        return False
    longest = max(len(one), len(other))
    share = 0.0
    if sound_of(one) == sound_of(other):
        long = len(sound_of(other)) >= _LONG_SOUND
        share = _LONG_SOUND_CHANGES if long else _SOUND_CHANGES
        if heard[0][:1].islower() and not long and len(heard) == len(name.split()) == 1:
            share = _LETTER_CHANGES
    elif heard[0][:1].isupper() and len(heard) == len(name.split()):
        share = _LETTER_CHANGES
    return changes(one, other, int(share * longest)) <= share * longest


def changes(one: str, other: str, most: int) -> int:
    """Letters to insert, leave out, replace or swap with a neighbour (Damerau 1964); `most` + 1 where more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        previous, before = before, row
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (a != b))
            if previous and i > 1 < j and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) > most + 1:
            return most + 1
    return row[-1]
