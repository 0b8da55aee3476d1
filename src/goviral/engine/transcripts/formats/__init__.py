"""Every transcript format, and files read and written by whichever fits."""

import errno
import re
from dataclasses import replace
from pathlib import Path

from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.encoding import decode_text
from goviral.engine.transcripts.format import Format, Source, WritableFormat
from goviral.engine.transcripts.formats.json import Json
from goviral.engine.transcripts.formats.srt import Srt
from goviral.engine.transcripts.formats.vtt import Vtt
from goviral.engine.transcripts.formats.whisper import Whisper
from goviral.engine.transcripts.formats.youtube_json3 import YoutubeJson3
from goviral.engine.transcripts.languages import UNKNOWN, detect_language, language_code
from goviral.kit.errors import InputError, NotFoundError, ResourceError
from goviral.kit.files import write_text

WRITERS: dict[str, WritableFormat] = {form.name: form for form in (Json(), Vtt(), Srt())}
FORMATS: dict[str, Format] = {
    form.name: form
    for form in (WRITERS["json"], YoutubeJson3(), Whisper(), WRITERS["vtt"], WRITERS["srt"])
}
"""In the order in which content is asked whether it is one."""

_LARGEST_BYTES = 256 << 20
_LANGUAGE_TAG = re.compile(r"\.([a-z]{2,3}(?:-[a-z0-9]+)*)\.\w+$", re.IGNORECASE)
_REMEDY = "Give an SRT, WebVTT, Whisper JSON, YouTube json3 or GoViral JSON transcript."


def read_transcript(path: Path) -> Transcript:
    """Read a transcript in any known format, told by its content, not by its extension.

    Raises `NotFoundError`, `ResourceError` (may not be read) or `InputError` (unknown format,
    no text, no times), each with the file's name.
    """
    raw = _read(path)
    try:
        return parse_transcript(Source(decode_text(raw), _language_of(path.name)))
    except InputError as error:
        raise InputError(f"{path.name}: {error.message}", remedy=error.remedy) from error


def parse_transcript(source: Source) -> Transcript:
    """The transcript in `source`, by the first format that recognises it; its language told.

    Raises `InputError`.
    """
    if not source.text.strip():
        raise InputError("The file is empty.", remedy=_REMEDY)
    for form in FORMATS.values():
        if form.recognises(source):
            transcript = form.parse(source)
            if transcript.language != UNKNOWN:
                return transcript
            return replace(transcript, language=detect_language(transcript.text))
    raise InputError("That is no transcript we know.", remedy=_REMEDY)


def write_transcript(transcript: Transcript, path: Path) -> None:
    """Write `transcript` atomically, in the format of the extension: .json, .srt or .vtt.

    Raises `InputError` for another extension, `ResourceError` when it cannot be written.
    """
    name = next((n for n, f in WRITERS.items() if path.suffix.lower() in f.extensions), None)
    if name is None:
        raise InputError(
            f"Transcripts are not written as {path.suffix or 'files without extension'}.",
            remedy=f"Use one of {', '.join(sorted(WRITERS))}.",
        )
    write_text(path, dump(transcript, name))


def dump(transcript: Transcript, form: str) -> str:
    """`transcript` as text in the format named `form`. Raises `InputError` for an unknown one."""
    if form not in WRITERS:
        raise InputError(
            f"Transcripts are not written as {form!r}.",
            remedy=f"Use one of {', '.join(sorted(WRITERS))}.",
        )
    return WRITERS[form].dump(transcript)


def _language_of(name: str) -> str:
    match = _LANGUAGE_TAG.search(name)
    return language_code(match.group(1)) if match else UNKNOWN


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise InputError(f"{path.name} is too large for a transcript.", remedy=_REMEDY)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.", remedy="Check the path.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder.", remedy="Give the transcript file.") from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise ResourceError(f"{path} may not be read.", remedy="Check its rights.") from error
        raise
