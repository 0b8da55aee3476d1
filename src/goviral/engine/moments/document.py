"""Moments as JSON: what `moments.json` and `goviral moments --json` contain."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from goviral.engine.moments.moment import Moment, Reason


def moments_document(moments: Iterable[Moment]) -> dict[str, Any]:
    """`{"moments": [...]}`, in the order given (best first)."""
    return {"moments": [moment_document(moment) for moment in moments]}


def moment_document(moment: Moment) -> dict[str, Any]:
    """One moment as plain values; times in milliseconds of the source."""
    return {
        "start_ms": moment.span.start_ms,
        "end_ms": moment.span.end_ms,
        "duration_ms": moment.span.duration_ms,
        "score": moment.score,
        "title": moment.title,
        "hook": moment.hook,
        "quote": moment.quote,
        "category": moment.category,
        "speaker": moment.speaker,
        "scorecard": asdict(moment.scorecard),
        "reasons": [_reason_document(reason) for reason in moment.reasons],
        "origin": moment.origin,
        "platforms": moment.platforms,
    }


def _reason_document(reason: Reason) -> dict[str, Any]:
    document: dict[str, Any] = {
        "feature": reason.feature,
        "text": reason.text,
        "weight": round(reason.weight, 4),
    }
    if reason.span is not None:
        document |= {"start_ms": reason.span.start_ms, "end_ms": reason.span.end_ms}
    return document
