"""The worker's media handler: a job that names a film gets its transcript here, then goes on as usual."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from goviral.engine.media.download import fetch_source
from goviral.engine.media.fetched import FetchedSource
from goviral.engine.moments.processor import Listener
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import read_transcript
from goviral.kit.errors import InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings

Recognise = Callable[[Path, str | None], Transcript]
_NAMES = ("media_url", "mediaUrl", "video_url", "videoUrl")


class MediaToTranscript:
    """`Worker.prepare` for jobs with a `media_url`: fetches it, takes its captions or recognises speech.

    Raises what `fetch_source` and the recogniser raise; nothing of the media is kept.
    """

    def __init__(self, settings: Settings, recognise: Recognise) -> None:
        self._settings = settings
        self._recognise = recognise

    def __call__(self, payload: dict[str, Any], tell: Listener) -> dict[str, Any]:
        url = next((payload[name] for name in _NAMES if payload.get(name)), None)
        if url is None or payload.get("transcript"):
            return payload
        if not isinstance(url, str):
            raise InputError("media_url is not a web address.")
        metadata = payload.get("metadata")
        known = dict(metadata) if isinstance(metadata, dict) else {}
        with tempfile.TemporaryDirectory(prefix="goviral-") as folder:
            tell("downloading", {})
            fetched = self._fetch(url, Path(folder), known.get("language"))
            tell("transcribing", {"captions": fetched.captions_path is not None})
            transcript = self._transcript(fetched, known.get("language"))
        known.setdefault("title", fetched.title)
        return {**payload, "transcript": _as_payload(transcript), "metadata": known}

    def _fetch(self, url: str, folder: Path, language: str | None) -> FetchedSource:
        return fetch_source(
            url,
            folder,
            settings=self._settings,
            language=language,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )

    def _transcript(self, fetched: FetchedSource, language: str | None) -> Transcript:
        if fetched.captions_path is not None:
            return read_transcript(fetched.captions_path)
        return self._recognise(fetched.media_path, language)


def recogniser(settings: Settings) -> Recognise:
    """The engine that this worker has, chosen as everywhere else."""

    def recognise(path: Path, language: str | None) -> Transcript:
        from goviral.engine.transcripts.transcribe import transcribe

        return transcribe(
            path,
            engine="auto",
            model=None,
            language=language,
            settings=settings,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )

    return recognise


def _as_payload(transcript: Transcript) -> dict[str, Any]:
    return {
        "language": transcript.language,
        "sentences": [
            {"text": s.text, "start_ms": s.start_ms, "end_ms": s.end_ms, "speaker": s.speaker}
            for s in transcript.sentences
        ],
        "words": [
            {"text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms, "speaker": w.speaker}
            for w in transcript.words
        ],
    }
