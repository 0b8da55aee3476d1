"""Names and terms as they are written: what a recogniser misspelt is put right, times kept.

A file of one entry a line: `wrong = Right` corrects exactly that; `Right` alone is a name, whose spelling
and capitals are mended wherever it was heard, and nearly heard. `#` begins a remark.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from goviral.engine.transcripts.alike import SHORTEST, is_alike, letters_of, sound_of
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.engine.transcripts.rewording import affixes, reworded
from goviral.engine.transcripts.tokens import join_words
from goviral.kit.errors import InputError, NotFoundError

_LARGEST_BYTES = 1 << 20
_LONGEST_RUN = 6
_SHAPE = "Write `wrong = Right` or `Right`, one a line."


@dataclass(frozen=True)
class Vocabulary:
    """`corrections` are pairs of wrong and right; `names` are right already."""

    corrections: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.corrections or self.names)

    def apply(self, transcript: Transcript) -> Transcript:
        """The transcript corrected, sentence by sentence; no word changes its place in time."""
        if not self or not transcript.words:
            return transcript
        words: list[Word] = []
        sentences: list[Sentence] = []
        for sentence in transcript.sentences:
            said = list(transcript.words_in(sentence.span))
            mended = self.mend(said)
            words += mended
            text = sentence.text if mended == said else join_words(word.text for word in mended)
            sentences.append(replace(sentence, text=text))
        return replace(transcript, sentences=tuple(sentences), words=tuple(words))

    def mend(self, words: Sequence[Word]) -> list[Word]:
        """The words of one sentence, the longest match first."""
        heard = [affixes(word.text)[1] for word in words]
        mended: list[Word] = []
        at = 0
        while at < len(words):
            for count in range(min(self._longest, len(words) - at), 0, -1):
                right = self._right(heard[at : at + count])
                if right is not None:
                    mended += reworded(words[at : at + count], right)
                    break
            else:
                count = 1
                mended.append(words[at])
            at += count
        return mended

    def _right(self, heard: Sequence[str]) -> str | None:
        """What should stand for these words; None where nothing should."""
        if not all(heard):
            return None
        letters = "".join(map(letters_of, heard))
        exact = self._exact.get(letters)
        if exact is not None or len(letters) < SHORTEST:
            return exact
        close = self._sounding.get(sound_of(letters), ())
        if heard[0][0].isupper():
            close += self._as_long.get((len(heard), len(letters)), ())
        return next((name for name in close if is_alike(heard, name)), None)

    @cached_property
    def _exact(self) -> dict[str, str]:
        """By letters alone, so that `go viral`, `Go-Viral` and `GOVIRAL` are all found."""
        known = {letters_of(name): name for name in self.names}
        return known | {letters_of(wrong): right for wrong, right in self.corrections}

    @cached_property
    def _sounding(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for name in self.names:
            sound = sound_of(letters_of(name))
            found[sound] = (*found.get(sound, ()), name)
        return found

    @cached_property
    def _as_long(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """Names by their number of words, and of letters give or take what may be missing."""
        found: dict[tuple[int, int], tuple[str, ...]] = {}
        for name in self.names:
            count = len(letters_of(name))
            for length in range(count * 4 // 5, count * 5 // 4 + 1):
                key = (len(name.split()), length)
                found[key] = (*found.get(key, ()), name)
        return found

    @cached_property
    def _longest(self) -> int:
        """Words in the longest run to look at: a name may have been heard as one or two more."""
        wrong = max((len(wrong.split()) for wrong, _ in self.corrections), default=1)
        name = max((len(name.split()) + 2 for name in self.names), default=1)
        return min(_LONGEST_RUN, max(wrong + 1, name))


def read_vocabulary(path: Path) -> Vocabulary:
    """Read a vocabulary file. Raises `NotFoundError`, and `InputError` that names the line at fault."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path.name} is too large for a vocabulary.", remedy=_SHAPE)
        return parse_vocabulary(path.read_text("utf-8-sig"), path.name)
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no vocabulary {path}.", remedy="Check the path.") from error
    except (UnicodeDecodeError, IsADirectoryError) as error:
        raise InputError(f"{path} is not a vocabulary.", remedy=_SHAPE) from error


@lru_cache(maxsize=4)
def parse_vocabulary(text: str, name: str = "The vocabulary") -> Vocabulary:
    """Raises `InputError` for a line that says nothing."""
    corrections: list[tuple[str, str]] = []
    names: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        entry = " ".join(line.partition("#")[0].split())
        if not entry:
            continue
        wrong, equals, right = (part.strip() for part in entry.partition("="))
        if not letters_of(wrong) or (equals and not right):
            raise InputError(f"{name}, line {number}: {entry!r} corrects nothing.", remedy=_SHAPE)
        if equals:
            corrections.append((wrong, right))
        else:
            names.append(wrong)
    return Vocabulary(tuple(corrections), tuple(dict.fromkeys(names)))
