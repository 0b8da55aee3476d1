"""Changing moments by hand: new bounds through the finder's own guards."""

from sqlalchemy.orm import Session

from goviral.engine.moments.find import score_spans
from goviral.engine.moments.moment import Moment as Found
from goviral.engine.moments.moment import Wishes
from goviral.engine.transcripts.document import Transcript
from goviral.features.library.library import Library
from goviral.features.library.models import Moment, Video
from goviral.features.pipeline import events
from goviral.features.pipeline.errors import NotUnderstoodError, StaleVersionError
from goviral.features.pipeline.models import PipelineRun
from goviral.features.pipeline.refining import Refined, refine
from goviral.features.pipeline.schemas import Refinement
from goviral.features.pipeline.wishes import RunWishes
from goviral.kit.errors import InputError
from goviral.kit.events.outbox import publish
from goviral.kit.timecode import Span


def wished_bounds(
    wanted: Refinement, moment: Moment, video: Video, transcript: Transcript
) -> Refined:
    """What is asked for, before the guards. Explicit times go before words."""
    start_ms = moment.start_ms if wanted.start_ms is None else wanted.start_ms
    end_ms = moment.end_ms if wanted.end_ms is None else wanted.end_ms
    if start_ms >= end_ms:
        raise InputError("The end is not after the start.", remedy="Give both in milliseconds.")
    if video.duration_ms is not None and start_ms >= video.duration_ms:
        raise InputError("The video is over by then.", remedy="Give times within the video.")
    span = Span(start_ms, end_ms)
    if wanted.instruction is None:
        return Refined(span)
    return refine(wanted.instruction, span, transcript)


def limits(wanted: Refinement, found_by: PipelineRun | None) -> Wishes:
    """How long it may be: as asked for, else as when the moments were found, else as usual."""
    usual = RunWishes.model_validate(found_by.wishes if found_by else {}).moments
    least, most = wanted.min_ms or usual.min_ms, wanted.max_ms or usual.max_ms
    # One that was asked for outweighs the other.
    if wanted.max_ms:
        return Wishes(min_ms=min(least, most), max_ms=most)
    return Wishes(min_ms=least, max_ms=max(least, most))


def guarded(refined: Refined, wishes: Wishes, transcript: Transcript) -> Found:
    """The bounds as the finder would have them: whole sentences, a natural opening, length in limits."""
    found = score_spans(transcript, [refined.span], wishes=wishes)
    if not found:
        raise NotUnderstoodError("Nothing is said between these times.", remedy="Give other times.")
    return found[0]


def rebound(
    session: Session, library: Library, moment_id: str, version: int, found: Found, refined: Refined
) -> Moment:
    """Write new bounds, the old ones into the history. Raises `StaleVersionError`."""
    # Held: two changes of the same version come one after the other.
    moment = library.moments.get_for_update(moment_id)
    if moment.version != version:
        raise StaleVersionError("The moment was changed meanwhile.", remedy="Look at it again.")
    before = {
        "start_ms": moment.start_ms,
        "end_ms": moment.end_ms,
        "removals": moment.removals,
        "version": moment.version,
    }
    moment.history = [*moment.history, before][-50:]
    moment.start_ms, moment.end_ms = found.span.start_ms, found.span.end_ms
    moment.score, moment.quote, moment.hook = found.score, found.quote, found.hook
    inside = [s for s in refined.removed if found.span.overlap_ms(s)]
    moment.removals = [{"start_ms": s.start_ms, "end_ms": s.end_ms} for s in inside]
    moment.version += 1
    told = {"moment_id": moment.id, "start_ms": moment.start_ms, "end_ms": moment.end_ms}
    publish(
        session,
        events.MOMENT_REFINED,
        owner_id=moment.owner_id,
        subject=moment.video_id,
        data=told,
    )
    session.flush()
    return moment
