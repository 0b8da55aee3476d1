"""From raw cues and words to a transcript whose invariants hold. Pure."""

from collections.abc import Iterable, Sequence

from goviral.engine.transcripts.captions import spread_words, unroll
from goviral.engine.transcripts.cue import Cue, as_cue
from goviral.engine.transcripts.cutting import cut_sentences
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.engine.transcripts.labels import split_turns
from goviral.engine.transcripts.mending import Placed, counted, mend
from goviral.engine.transcripts.settling import settle
from goviral.engine.transcripts.tokens import join_words

Raw = Cue | Sentence | Word


def build_transcript(
    *,
    sentences: Iterable[Raw] = (),
    words: Iterable[Raw] = (),
    language: str,
    engine: str,
    words_estimated: bool = False,
    warnings: Iterable[str] = (),
    keep_sentences: bool = False,
) -> Transcript:
    """Build a transcript from untrusted pieces; what was mended is said in its `warnings`.

    Words alone are cut into sentences. Sentences alone may be caption fragments, rolling captions
    or paragraphs: they are re-joined and cut into real sentences, whose words then have estimated
    times; where every cue is one sentence already, nothing is touched and there are no words.
    Both together are taken as they are, each word put into exactly one sentence.
    `keep_sentences` takes sentences as they are in any case: a document of our own.

    Raises `InputError` when there is no text, or no times that mean anything.
    """
    raw_words = [as_cue(word) for word in words]
    raw_sentences = list(sentences)
    told = list(warnings)
    if raw_sentences and (raw_words or keep_sentences):
        return _from_both(raw_sentences, raw_words, language, engine, words_estimated, told)
    if raw_sentences:
        return _from_cues(raw_sentences, language, engine, told)
    placed, mended = mend(raw_words, "words")
    return _cut(placed, language, engine, words_estimated, [*told, *mended])


def _from_both(
    raw_sentences: Sequence[Raw],
    raw_words: Sequence[Cue],
    language: str,
    engine: str,
    words_estimated: bool,
    told: list[str],
) -> Transcript:
    sentences, mended = mend([as_cue(raw) for raw in raw_sentences], "sentences")
    told += mended
    words: list[Placed] = []
    if any(word.text for word in raw_words):
        words, mended = mend(raw_words, "words")
        told += mended
    sentences, words, estimated = settle(sentences, words)
    if estimated:
        told.append(f"{counted(estimated, 'sentences')} had no word times: estimated.")
    return Transcript(
        sentences=_numbered(sentences),
        words=_words(words),
        language=language,
        engine=engine,
        words_estimated=words_estimated,
        warnings=tuple(told),
    )


def _from_cues(raw: Sequence[Raw], language: str, engine: str, told: list[str]) -> Transcript:
    cues, mended = mend(split_turns(unroll([_with_lines(cue) for cue in raw])), "captions")
    told += mended
    words: list[Placed] = []
    edges: set[int] = set()
    for cue in cues:
        edges.add(len(words))
        words += spread_words(cue)
    ranges = cut_sentences(words, language, edges)
    if {first for first, _ in ranges} == edges:
        return Transcript(_numbered(cues), (), language, engine, warnings=tuple(told))
    return _joined(words, ranges, language, engine, words_estimated=True, told=told)


def _with_lines(raw: Raw) -> Cue:
    """Line breaks are kept until dialogue dashes have been read."""
    cue = as_cue(raw)
    return Cue(raw.text, cue.start_ms, cue.end_ms, cue.speaker, cue.probability, cue.turn)


def _cut(
    words: Sequence[Placed], language: str, engine: str, words_estimated: bool, told: list[str]
) -> Transcript:
    ranges = cut_sentences(words, language)
    return _joined(words, ranges, language, engine, words_estimated=words_estimated, told=told)


def _joined(
    words: Sequence[Placed],
    ranges: Sequence[tuple[int, int]],
    language: str,
    engine: str,
    *,
    words_estimated: bool,
    told: list[str],
) -> Transcript:
    sentences = [
        Sentence(
            number,
            join_words(word.text for word in words[first:last]),
            words[first].start_ms,
            words[last - 1].end_ms,
            words[first].speaker,
        )
        for number, (first, last) in enumerate(ranges)
    ]
    return Transcript(
        tuple(sentences), _words(words), language, engine, words_estimated, tuple(told)
    )


def _numbered(placed: Sequence[Placed]) -> tuple[Sentence, ...]:
    return tuple(
        Sentence(number, p.text, p.start_ms, p.end_ms, p.speaker) for number, p in enumerate(placed)
    )


def _words(placed: Sequence[Placed]) -> tuple[Word, ...]:
    return tuple(Word(p.text, p.start_ms, p.end_ms, p.probability, p.speaker) for p in placed)
