"""Transcripts kept: the document as a file in the store, what is known of it in a row."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source
from goviral.engine.transcripts.formats import dump, parse_transcript
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import TranscriptRecord
from goviral.kit.ids import new_id
from goviral.kit.storage.keys import transcript_key
from goviral.kit.storage.store import Store


def save_transcript(
    services: Services,
    owner_id: str,
    video_id: str,
    transcript: Transcript,
    *,
    also: Callable[[Session, TranscriptRecord], None] = lambda _session, _record: None,
) -> TranscriptRecord:
    """Keep a video's transcript in place of the one before.

    Opens its own transaction, in which `also` is called last. Raises `NotFoundError` (no such video), `StorageError`.
    """
    store: Store = services.store
    record_id = new_id("trn")
    key = transcript_key(video_id, record_id)
    store.put(key, dump(transcript, "json").encode(), "application/json")
    with services.database.transaction() as session:
        library = Library(session, owner_id)
        library.videos.get(video_id)
        before = library.transcripts.of_video(video_id)
        if before is not None:
            library.transcripts.delete(before)
        record = TranscriptRecord(
            id=record_id,
            video_id=video_id,
            key=key,
            engine=transcript.engine,
            language=transcript.language,
            duration_ms=transcript.duration_ms,
            sentence_count=len(transcript.sentences),
            word_count=len(transcript.words),
        )
        library.transcripts.add(record)
        also(session, record)
    if before is not None:
        store.delete(before.key)
    return record


def open_transcript(store: Store, record: TranscriptRecord) -> Transcript:
    """The document of a row. Raises `NotFoundError` (the file is gone), `StorageError`."""
    text = b"".join(store.read(record.key)).decode()
    return parse_transcript(Source(text, record.language))
