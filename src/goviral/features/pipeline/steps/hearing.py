"""What is heard in the film: loudness and pauses, then words. Each is kept and not made twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from goviral.engine.media.probe import MediaInfo
from goviral.engine.media.signals import Signals
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import read_transcript
from goviral.engine.transcripts.words import with_estimated_words
from goviral.features.library.library import Library
from goviral.features.library.models import TranscriptRecord
from goviral.features.library.transcripts import open_transcript, save_transcript
from goviral.features.pipeline import events
from goviral.features.pipeline.recorder import Noted
from goviral.features.pipeline.steps.ingest import CAPTIONS
from goviral.features.pipeline.work import Work
from goviral.kit.errors import InputError
from goviral.kit.storage.keys import work_prefix

_SIGNALS = TypeAdapter(Signals)


def listen(work: Work, noted: Noted) -> None:
    """Loudness and pauses. Raises `InputError` for a film without sound."""
    if work.services.store.stat(_signals_key(work)) is not None:
        noted.skip("heard before")
        return
    with work.film() as film:
        media = probed(work, film)
        signals = work.tools.listen(media, work.context.part(0.15, 0.2))
    work.services.store.put(_signals_key(work), _SIGNALS.dump_json(signals), "application/json")
    noted.facts |= {"duration_ms": signals.duration_ms, "pauses": len(signals.pauses)}


def transcribe(work: Work, noted: Noted) -> None:
    """Words with times: the page's own captions where there are any, else a recogniser's."""
    with work.library() as (_, library):
        known = library.transcripts.of_video(work.video_id)
    if known is not None:
        noted.skip("there is a transcript")
        return
    transcript = with_estimated_words(_words(work))

    def announce(session: Session, record: TranscriptRecord) -> None:
        # With the row: a worker that is killed here has told, or has no transcript.
        video = Library(session, work.run.owner_id).videos.get(work.video_id)
        video.language = video.language or record.language
        events.announce(session, events.TRANSCRIPT_READY, work.run, _facts(record))

    record = save_transcript(
        work.services, work.run.owner_id, work.video_id, transcript, also=announce
    )
    noted.facts |= {**_facts(record), "warnings": list(transcript.warnings[:20])}


def _facts(record: TranscriptRecord) -> dict[str, Any]:
    return {"language": record.language, "words": record.word_count, "engine": record.engine}


def transcript_of(work: Work) -> Transcript:
    """The video's transcript. Raises `InputError` where there is none."""
    with work.library() as (_, library):
        record = library.transcripts.of_video(work.video_id)
    if record is None:
        raise InputError("There is no transcript.", remedy="Start the pipeline from its beginning.")
    return open_transcript(work.services.store, record)


def signals_of(work: Work) -> Signals:
    """What was heard besides words."""
    raw = b"".join(work.services.store.read(_signals_key(work)))
    return _SIGNALS.validate_json(raw)


def probed(work: Work, film: Path) -> MediaInfo:
    """What is in the film. Raises `InputError` for one without sound."""
    media = work.tools.probe(film)
    if media.audio is None:
        raise InputError(
            "The film has no audio track.", remedy="Clips are found by what is said: add sound."
        )
    return media


def _words(work: Work) -> Transcript:
    with _captions(work) as captions:
        if captions is not None and work.wishes.engine == "auto":
            return read_transcript(captions)
    wishes = work.wishes.for_transcript(work.video().language)
    with work.film() as film:
        return work.tools.transcribe(film, wishes, work.context.part(0.2, 0.45))


@contextmanager
def _captions(work: Work) -> Iterator[Path | None]:
    store, folder = work.services.store, work_prefix(work.video_id)
    found = next((one for one in store.list(folder) if one.key.startswith(folder + CAPTIONS)), None)
    if found is None:
        yield None
        return
    path = work.folder / found.key.rpartition("/")[2]
    store.fetch(found.key, path)
    yield path


def _signals_key(work: Work) -> str:
    return work_prefix(work.video_id) + "signals.json"
