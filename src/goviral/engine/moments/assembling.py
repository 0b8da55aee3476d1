"""From a model's proposal to a moment that keeps every rule, or to the reason why there is none. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from goviral.engine.moments.boundaries import mend
from goviral.engine.moments.chunking import Chunk
from goviral.engine.moments.grounding import Grounded, ground
from goviral.engine.moments.moment import Moment, Reason, Wishes
from goviral.engine.moments.pieces import Piece
from goviral.engine.moments.platforms import Words, clean, copy_for_platforms
from goviral.engine.moments.proposal import Proposal
from goviral.engine.moments.quotes import Spoken, quote_for, shorten
from goviral.engine.moments.validation import (
    Dropped,
    DurationRule,
    mend_category,
    mend_duration,
    mend_hook,
    mend_scores,
    mend_title,
)
from goviral.engine.moments.words import clamp_to_words
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span

ORIGIN = "model"
_LONGEST_REASON = 300
_TOLERANCE_MS = 1_500


@dataclass(frozen=True)
class Place:
    """Where proposals come from: the talk in pieces, one of its chunks, and what is said in that."""

    transcript: Transcript
    pieces: Sequence[Piece]
    chunk: Chunk
    spoken: Spoken
    wishes: Wishes

    @property
    def rule(self) -> DurationRule:
        return DurationRule(self.wishes.min_ms, self.wishes.max_ms)

    @property
    def usual_ms(self) -> int:
        return (self.wishes.min_ms + self.wishes.max_ms) // 2


def assemble(proposal: Proposal, place: Place) -> Moment | Dropped:
    """The moment that `proposal` means: grounded, cut to words, with all of its fields in order."""
    proposed = Span(proposal.start_ms, proposal.end_ms)
    grounded = ground(proposed, proposal.quote, place.chunk, place.spoken, place.usual_ms)
    if isinstance(grounded, str):
        return Dropped(place.chunk.index, proposed, grounded)
    span = fit_span(grounded.span, place)
    if span is None:
        return Dropped(
            place.chunk.index, proposed, "no sentences around it make a clip of that length"
        )
    return _moment(proposal, place, grounded, span)


def fit_span(span: Span, place: Place) -> Span | None:
    """`span` at natural ends, of the wished length, cutting no word. None where the talk has none there."""
    run = mend(span, place.pieces, place.transcript.language, place.wishes)
    if run is None:
        return None
    whole = Span(place.pieces[run.first].start_ms, place.pieces[run.last].end_ms)
    clamped = clamp_to_words(whole, place.transcript)
    fitted = mend_duration(clamped, place.transcript, place.rule)
    if fitted is None:
        return None
    whole = clamp_to_words(fitted, place.transcript)
    return whole if place.rule.fits(whole, place.transcript) else fitted


def _moment(proposal: Proposal, place: Place, grounded: Grounded, span: Span) -> Moment:
    mends = [*grounded.mends]
    if _moved(grounded.span, span):
        mends.append("times brought to whole sentences of the wished length")
    quote = quote_for(span, place.transcript, grounded.said, clean(proposal.quote))
    title, title_mend = mend_title(proposal.title, quote)
    hook, hook_mend = mend_hook(proposal.hook, span, place.transcript)
    category, category_mend = mend_category(proposal.category)
    scorecard, score_mend = mend_scores(proposal.scores.model_dump())
    mends += [mend for mend in (title_mend, hook_mend, category_mend, score_mend) if mend]
    texts = proposal.posts.model_dump()
    words = Words(title, hook, quote, tuple(proposal.hashtags), texts)
    return Moment(
        span=span,
        score=scorecard.total,
        scorecard=scorecard,
        title=title,
        hook=hook,
        quote=quote,
        category=category,
        reasons=_reasons(proposal, grounded, span),
        speaker=main_speaker(span, place.transcript),
        origin=ORIGIN,
        platforms=copy_for_platforms(words),
        mends=tuple(mends),
        chunk=place.chunk.index,
    )


def main_speaker(span: Span, transcript: Transcript) -> str | None:
    """Who speaks longest in `span`; None where nobody is named."""
    spoken_ms: Counter[str] = Counter()
    for sentence in transcript.sentences_in(span):
        if sentence.speaker:
            spoken_ms[sentence.speaker] += sentence.span.overlap_ms(span)
    return min(spoken_ms, key=lambda name: (-spoken_ms[name], name), default=None)


def _moved(before: Span, after: Span) -> bool:
    return (
        abs(before.start_ms - after.start_ms) > _TOLERANCE_MS
        or abs(before.end_ms - after.end_ms) > _TOLERANCE_MS
    )


def _reasons(proposal: Proposal, grounded: Grounded, span: Span) -> tuple[Reason, ...]:
    text = shorten(" ".join(clean(proposal.reason).split()), _LONGEST_REASON)
    if not text:
        return ()
    rests_on = grounded.said if grounded.said and grounded.said.overlap_ms(span) else span
    return (Reason("model", text, 1.0, rests_on),)
