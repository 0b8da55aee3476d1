"""What a run tells of a talk, with strong language masked where that was wished. Pure."""

from dataclasses import replace
from typing import Any

from goviral.engine.clips.captions.masking import Mask
from goviral.engine.moments.moment import Moment
from goviral.engine.moments.titles import FALLBACK
from goviral.engine.transcripts.document import Transcript


def masked_moment(moment: Moment, mask: Mask) -> Moment:
    """The moment with all its texts masked: its title, which names files, too."""
    # That of a moment without words is no text of the talk, and known by its wording.
    title = moment.title if moment.title == FALLBACK else mask.apply(moment.title)
    return replace(
        moment,
        title=title,
        hook=mask.apply(moment.hook),
        quote=mask.apply(moment.quote),
        reasons=tuple(replace(one, text=mask.apply(one.text)) for one in moment.reasons),
        platforms={name: _masked(copy, mask) for name, copy in moment.platforms.items()},
        mends=tuple(map(mask.apply, moment.mends)),
    )


def masked_transcript(transcript: Transcript, mask: Mask) -> Transcript:
    """The transcript as it may be shown."""
    return replace(
        transcript,
        sentences=tuple(replace(one, text=mask.apply(one.text)) for one in transcript.sentences),
        words=tuple(replace(one, text=mask.apply(one.text)) for one in transcript.words),
    )


def _masked(value: Any, mask: Mask) -> Any:
    """What is to be posted, whatever a model made of it: text, or lists and tables of text."""
    if isinstance(value, str):
        return mask.apply(value)
    if isinstance(value, dict):
        return {name: _masked(one, mask) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one, mask) for one in value]
    return value
