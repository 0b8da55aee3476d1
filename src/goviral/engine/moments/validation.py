"""The rules a moment keeps: what is mended, what is dropped, each with its reason. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from goviral.engine.moments.moment import Category, Scorecard
from goviral.engine.moments.platforms import clean
from goviral.engine.moments.quotes import shorten
from goviral.engine.moments.titles import title_of
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span

LONGEST_TITLE = 80
LONGEST_HOOK = 200
CATEGORIES: tuple[Category, ...] = get_args(Category)
JUDGEMENTS = ("hook", "retention", "emotion", "clarity", "shareability")

_SYNONYMS: dict[str, Category] = {
    "advice": "how_to",
    "tip": "how_to",
    "tutorial": "how_to",
    "howto": "how_to",
    "anecdote": "story",
    "narrative": "story",
    "funny": "humor",
    "humour": "humor",
    "comedy": "humor",
    "joke": "humor",
    "emotional": "emotion",
    "inspirational": "emotion",
    "motivational": "emotion",
    "controversy": "debate",
    "controversial": "debate",
    "opinion": "debate",
    "argument": "debate",
    "hot_take": "debate",
    "qa": "question",
    "q_a": "question",
    "statistic": "fact",
    "data": "fact",
    "educational": "insight",
    "lesson": "insight",
}


@dataclass(frozen=True, slots=True)
class Dropped:
    """A proposal that did not become a moment; `span` as it was proposed."""

    chunk: int | None
    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class DurationRule:
    """Shortest and longest moment in milliseconds. A talk shorter than that may be one moment."""

    min_ms: int
    max_ms: int

    def fits(self, span: Span, transcript: Transcript) -> bool:
        shortest = min(self.min_ms, _talk(transcript).duration_ms)
        return shortest <= span.duration_ms <= self.max_ms


def mend_duration(span: Span, transcript: Transcript, rule: DurationRule) -> Span | None:
    """`span` made to fit by whole sentences: cut at the end, or grown at the end, then at the start.

    None where no choice of sentences fits.
    """
    if span.duration_ms > rule.max_ms:
        span = _cut(span, transcript, rule)
    if span.duration_ms < rule.min_ms:
        span = _grown(span, transcript, rule)
    return span if rule.fits(span, transcript) else None


def mend_category(category: str) -> tuple[Category, str | None]:
    """One of ours: by name, by synonym, else insight."""
    name = "_".join(category.casefold().replace("-", " ").replace("/", " ").split())
    for known in CATEGORIES:
        if name == known:
            return known, None
    known = _SYNONYMS.get(name, "insight")
    return known, f"category {shorten(clean(category), 30)!r} is {known} here"


def mend_scores(scores: Mapping[str, float]) -> tuple[Scorecard, str | None]:
    """Five judgements inside 0-100 and their mean."""
    judged = {name: max(0, min(100, round(scores[name]))) for name in JUDGEMENTS}
    total = round(sum(judged.values()) / len(judged))
    outside = [name for name in JUDGEMENTS if not 0 <= scores[name] <= 100]
    mend = f"scores outside 0-100: {', '.join(outside)}" if outside else None
    return Scorecard(**judged, total=total), mend


def mend_title(title: str, quote: str) -> tuple[str, str | None]:
    """One line of at most 80 characters; made of the quote where there is none."""
    line = " ".join(clean(title).split())
    if not line:
        return title_of(quote), "no title: made from the quote"
    if len(line) > LONGEST_TITLE:
        return shorten(line, LONGEST_TITLE), "title too long: shortened"
    return line, None


def mend_hook(hook: str, span: Span, transcript: Transcript) -> tuple[str, str | None]:
    """One line of at most 200 characters; the first sentence of the span where there is none."""
    line = " ".join(clean(hook).split())
    if not line:
        first = next((s.text for s in transcript.sentences_in(span)), "")
        return shorten(first, LONGEST_HOOK), "no hook: the first sentence"
    if len(line) > LONGEST_HOOK:
        return shorten(line, LONGEST_HOOK), "hook too long: shortened"
    return line, None


def _talk(transcript: Transcript) -> Span:
    return Span(transcript.sentences[0].start_ms, transcript.duration_ms)


def _cut(span: Span, transcript: Transcript, rule: DurationRule) -> Span:
    """Ending with the last sentence that fits, else the last word, else where the limit is."""
    limit = span.start_ms + rule.max_ms
    last = bisect_right(transcript.sentences, limit, key=lambda s: s.end_ms) - 1
    if last >= 0 and transcript.sentences[last].end_ms - span.start_ms >= rule.min_ms:
        return Span(span.start_ms, transcript.sentences[last].end_ms)
    word = bisect_right(transcript.words, limit, key=lambda w: w.end_ms) - 1
    if word >= 0 and transcript.words[word].end_ms - span.start_ms >= rule.min_ms:
        return Span(span.start_ms, transcript.words[word].end_ms)
    return Span(span.start_ms, limit)


def _grown(span: Span, transcript: Transcript, rule: DurationRule) -> Span:
    """Later first: what follows completes a thought more often than what came before."""
    sentences = transcript.sentences
    end = span.end_ms
    at = bisect_right(sentences, span.end_ms, key=lambda s: s.end_ms)
    while end - span.start_ms < rule.min_ms and at < len(sentences):
        if sentences[at].end_ms - span.start_ms > rule.max_ms:
            break
        end = sentences[at].end_ms
        at += 1
    start = span.start_ms
    at = bisect_left(sentences, span.start_ms, key=lambda s: s.start_ms) - 1
    while end - start < rule.min_ms and at >= 0:
        if end - sentences[at].start_ms > rule.max_ms:
            break
        start = sentences[at].start_ms
        at -= 1
    return Span(start, end)
