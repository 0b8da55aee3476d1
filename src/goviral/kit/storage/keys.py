"""Names of stored things: the one place that knows where what lies."""

import re
from pathlib import PurePosixPath

from goviral.kit.errors import InputError

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_MAX_BYTES = 512
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}")


def checked_key(key: str) -> str:
    """`key` as it is. Raises `InputError` unless it is a plain relative path without dots as parts."""
    parts = key.split("/")
    odd = any(not part or part.startswith(".") for part in parts)
    if odd or _UNSAFE.search(key) or len(key.encode()) > _MAX_BYTES:
        raise InputError(
            "That is not the key of a stored file.",
            remedy="Keys are paths such as incoming/talk.mp4: no leading slash, no dots as folders.",
        )
    return key


def checked_prefix(prefix: str) -> str:
    """A folder's prefix, ending in a slash. Raises `InputError`; the whole store is no folder."""
    return checked_key(prefix.rstrip("/")) + "/"


def source_key(video_id: str, extension: str) -> str:
    """The film a video was made from."""
    return f"videos/{video_id}/source{safe_extension(extension)}"


def transcript_key(video_id: str, transcript_id: str) -> str:
    return f"videos/{video_id}/{transcript_id}.json"


def video_prefix(video_id: str) -> str:
    return f"videos/{video_id}/"


def work_prefix(video_id: str) -> str:
    """What stages leave for each other; may be deleted whenever nothing runs."""
    return f"work/{video_id}/"


def clip_key(clip_id: str) -> str:
    return f"clips/{clip_id}.mp4"


def thumbnail_key(clip_id: str, name: str) -> str:
    return f"thumbnails/{clip_id}/{name}"


def thumbnail_prefix(clip_id: str) -> str:
    return f"thumbnails/{clip_id}/"


def upload_prefix(upload_id: str) -> str:
    """The pieces of an upload that is not finished."""
    return f"uploads/{upload_id}/"


def upload_key(upload_id: str) -> str:
    """The bytes of an upload where a file can grow in place."""
    return f"uploads/{upload_id}/bytes"


def piece_key(upload_id: str, offset: int, token: str) -> str:
    """A stretch of an upload where files cannot grow; `token` keeps two writers apart."""
    return f"uploads/{upload_id}/{offset:014d}-{token}"


def incoming_prefix(owner_id: str) -> str:
    """Where an owner may put files into the bucket by other means."""
    return f"incoming/{owner_id}/"


def safe_extension(name: str) -> str:
    """The extension of a name a stranger gave, in lower case; empty where it is odd."""
    suffix = PurePosixPath("x" + name if name.startswith(".") else name).suffix.lower()
    return suffix if _EXTENSION.fullmatch(suffix) else ""
