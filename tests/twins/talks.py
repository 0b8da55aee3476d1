"""Talks that a test makes up: sentences with exact times, words or none."""

from collections.abc import Sequence

from hypothesis import strategies as st

from goviral.engine.transcripts.document import Sentence, Transcript, Word

_OPENINGS = ("The", "Why", "My", "Nobody", "Seven", "Imagine", "Money", "Doctors")


def text_of(index: int) -> str:
    """Sentence `index`: ten words, unlike every other sentence's."""
    opening = _OPENINGS[index % len(_OPENINGS)]
    return f"{opening} story number {index} shows what people rarely say aloud{'?' if index % 7 == 3 else '.'}"


def make_talk(
    sentences: int = 300,
    *,
    length_ms: int = 4_800,
    gap_ms: int = 200,
    start_ms: int = 0,
    words: bool = True,
    speakers: Sequence[str | None] = ("Ann", "Bob"),
    language: str = "en",
) -> Transcript:
    """A talk of equally long sentences, a speaker for twenty of them at a time."""
    made, spoken = [], []
    for index in range(sentences):
        at = start_ms + index * (length_ms + gap_ms)
        speaker = speakers[index // 20 % len(speakers)] if speakers else None
        made.append(Sentence(index, text_of(index), at, at + length_ms, speaker))
        texts = text_of(index).split()
        edges = [at + number * length_ms // len(texts) for number in range(len(texts) + 1)]
        spoken += [
            Word(text, edges[number], edges[number + 1], None, speaker)
            for number, text in enumerate(texts)
        ]
    return Transcript(tuple(made), tuple(spoken) if words else (), language, "made")


def payload_of(transcript: Transcript, *, camel: bool = False) -> dict[str, object]:
    """The transcript as a request carries it."""
    start, end = ("startMs", "endMs") if camel else ("start_ms", "end_ms")
    return {
        "language": transcript.language,
        "sentences": [
            {"id": s.id, "text": s.text, start: s.start_ms, end: s.end_ms, "speaker": s.speaker}
            for s in transcript.sentences
        ],
        "words": [{"text": w.text, start: w.start_ms, end: w.end_ms} for w in transcript.words],
    }


_TEXTS = (
    "So",
    "why?",
    "12%",
    "Ja,",
    "größer.",
    "今日は",
    "です。",
    "نعم",
    "؟",
    "🔥",
    "don’t",
    "a",
    "I…",
    "#x",
)


@st.composite
def talks(draw: st.DrawFn) -> Transcript:
    """Any valid transcript: sentences of any length and gap, some words timed, some languages."""
    at = draw(st.sampled_from((0, 137, 6_000_000, 36_000_000)))
    with_words = draw(st.booleans())
    pause = st.sampled_from((0, 0, 50, 2_500))
    length = st.one_of(st.integers(1, 3_000), st.just(20_000))
    shape = st.lists(st.tuples(st.sampled_from(_TEXTS), length, pause), min_size=1, max_size=4)
    sentences: list[Sentence] = []
    words: list[Word] = []
    for gap_ms, spoken in draw(
        st.lists(st.tuples(st.sampled_from((0, 1, 700, 4_000)), shape), min_size=1, max_size=24)
    ):
        at += gap_ms
        said = []
        for text, length_ms, pause_ms in spoken:
            said.append(Word(text, at, at + length_ms))
            at += length_ms + pause_ms
        words += said
        text = " ".join(word.text for word in said)
        sentences.append(Sentence(len(sentences), text, said[0].start_ms, at))
    language = draw(st.sampled_from(("en", "de", "ja", "ar", "und")))
    return Transcript(tuple(sentences), tuple(words) if with_words else (), language, "made")
