"""Transcripts and raw cues made up for tests, and what must hold of every transcript."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Sentence, Transcript, Word

_WORDS = ["so", "we", "left", "early", "twelve", "Paris", "Dr.", "3.5", "naïve", "émigré", "don't"]
_ENDS = ["", "", "", ",", ".", "!", "?", "…", "?!"]


def check_invariants(transcript: Transcript) -> None:
    """What document.py promises; raises `AssertionError` where it is broken."""
    sentences, words = transcript.sentences, transcript.words
    assert sentences
    assert [sentence.id for sentence in sentences] == list(range(len(sentences)))
    for part in (*sentences, *words):
        assert isinstance(part.start_ms, int)
        assert isinstance(part.end_ms, int)
        assert 0 <= part.start_ms < part.end_ms
        assert part.text == " ".join(part.text.split()) != ""
    for parts in (sentences, words):
        for before, after in pairwise(parts):
            assert before.end_ms <= after.start_ms
    for word in words:
        holders = [s for s in sentences if s.start_ms <= word.start_ms and word.end_ms <= s.end_ms]
        assert len(holders) == 1


def timed(text: str, *, start_ms: int = 0, letter_ms: int = 60, gap_ms: int = 40) -> list[Cue]:
    """The words of `text` spoken evenly; `|` is a pause of a second."""
    cues, at = [], start_ms
    for token in text.split():
        if token == "|":
            at += 1000
            continue
        end = at + letter_ms * len(token)
        cues.append(Cue(token, at, end))
        at = end + gap_ms
    return cues


def built(text: str, *, language: str = "en") -> Transcript:
    """A transcript of `text` with real word times."""
    return build_transcript(words=timed(text), language=language, engine="test")


def texts(transcript: Transcript) -> list[str]:
    return [sentence.text for sentence in transcript.sentences]


wild_times = st.one_of(
    st.none(),
    st.integers(-5_000, 60_000).map(float),
    st.floats(allow_nan=True, allow_infinity=True, width=32),
    st.sampled_from([0.0, 1000.0, 1000.4]),
)
wild_texts = st.one_of(
    st.sampled_from([*_WORDS, "", "  ", ">> Yes.", "ALICE: no", "[Music]", "東京に行きました。"]),
    st.text(max_size=12),
    st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join),
)
wild_cues = st.lists(
    st.builds(Cue, wild_texts, wild_times, wild_times, st.sampled_from([None, None, "Ann", "Bo"])),
    max_size=25,
)


@st.composite
def transcripts(draw: st.DrawFn, *, speakers: bool = True) -> Transcript:
    """Any transcript that keeps the invariants, words inside sentences."""
    at, sentences, words = draw(st.integers(0, 5000)), list[Sentence](), list[Word]()
    for number in range(draw(st.integers(1, 8))):
        names = [None, "Ann", "Bo Lee"] if speakers else [None]
        speaker = draw(st.sampled_from(names))
        first = len(words)
        for _ in range(draw(st.integers(1, 9))):
            token = draw(st.sampled_from(_WORDS)) + draw(st.sampled_from(_ENDS))
            length = draw(st.integers(1, 900))
            words.append(Word(token, at, at + length, draw(st.none() | st.just(0.5)), speaker))
            at += length + draw(st.sampled_from([0, 0, 20, 400]))
        spoken: Sequence[Word] = words[first:]
        text = " ".join(word.text for word in spoken)
        sentences.append(Sentence(number, text, spoken[0].start_ms, spoken[-1].end_ms, speaker))
    return Transcript(tuple(sentences), tuple(words), "en", "test")
