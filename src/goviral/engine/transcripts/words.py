"""Word times where only sentences are timed. Pure."""

from dataclasses import replace

from goviral.engine.transcripts.captions import spread_words
from goviral.engine.transcripts.document import UNHEARD, Sentence, Transcript, Word
from goviral.engine.transcripts.mending import Placed


def with_estimated_words(transcript: Transcript) -> Transcript:
    """The transcript with a time for each word, by the word's length within its sentence.

    Marked `words_estimated`. A transcript that has words already comes back as it is.
    """
    if transcript.words or not transcript.sentences:
        return transcript
    words = tuple(word for sentence in transcript.sentences for word in estimated_words(sentence))
    return replace(transcript, words=words, words_estimated=bool(words))


def estimated_words(sentence: Sentence) -> list[Word]:
    """The words of one sentence, spread over its time from its start to its end."""
    if sentence.text == UNHEARD:
        return []
    placed = Placed(
        sentence.text, sentence.start_ms, sentence.end_ms, sentence.speaker, None, turn=False
    )
    return [Word(w.text, w.start_ms, w.end_ms, None, w.speaker) for w in spread_words(placed)]
