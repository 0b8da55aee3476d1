"""What a file is by its first bytes, whatever it is called. Pure."""

from dataclasses import dataclass

from goviral.kit.errors import InputError

HEAD_BYTES = 4096
_TS_PACKETS = (188, 192, 204)
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_MXF = bytes.fromhex("060e2b34")


@dataclass(frozen=True, slots=True)
class Kind:
    """A container we take: the type it is served as, the extension it is stored under."""

    content_type: str
    extension: str


_MP4 = Kind("video/mp4", ".mp4")
_MOV = Kind("video/quicktime", ".mov")
_TS = Kind("video/mp2t", ".ts")
_MP3 = Kind("audio/mpeg", ".mp3")
_AAC = Kind("audio/aac", ".aac")
_PREFIXES = (
    (b"\x00\x00\x01\xba", Kind("video/mpeg", ".mpg")),
    (b"\x00\x00\x01\xb3", Kind("video/mpeg", ".mpg")),
    (b"FLV\x01", Kind("video/x-flv", ".flv")),
    (b"OggS", Kind("application/ogg", ".ogg")),
    (b"fLaC", Kind("audio/flac", ".flac")),
    (b"ID3", _MP3),
    (b"caff", Kind("audio/x-caf", ".caf")),
    (b"#!AMR", Kind("audio/amr", ".amr")),
    (_ASF, Kind("video/x-ms-wmv", ".wmv")),
    (_MXF, Kind("application/mxf", ".mxf")),
)
_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_RIFF = {b"AVI ": Kind("video/x-msvideo", ".avi"), b"WAVE": Kind("audio/wav", ".wav")}
_FORM = (b"AIFF", b"AIFC")


class NotMediaError(InputError):
    """Bytes that are no film or sound we take."""

    code = "not_media"
    http_status = 422


def kind_of(head: bytes) -> Kind:
    """The container of a file that begins with `head` (4,096 bytes, or all where it is shorter).

    Raises `NotMediaError`.
    """
    kind = _boxed(head) or _riff(head) or _prefixed(head) or _framed(head)
    if kind is None:
        raise NotMediaError(
            "This is not a video or audio file.",
            remedy="Give a file such as mp4, mov, mkv, webm, mp3 or wav.",
        )
    return kind


def _boxed(head: bytes) -> Kind | None:
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand == b"qt  ":
            return _MOV
        # heic, avif and their like are pictures in the same boxes.
        return None if brand[:3] in (b"hei", b"hev", b"avi", b"mif", b"msf") else _MP4
    if head[4:8] in _BOXES:
        return _MOV
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        webm = b"webm" in head[:64]
        return Kind("video/webm", ".webm") if webm else Kind("video/x-matroska", ".mkv")
    return None


def _riff(head: bytes) -> Kind | None:
    if head[:4] in (b"RIFF", b"RF64"):
        return _RIFF.get(head[8:12])
    if head[:4] == b"FORM" and head[8:12] in _FORM:
        return Kind("audio/aiff", ".aiff")
    return None


def _prefixed(head: bytes) -> Kind | None:
    return next((kind for prefix, kind in _PREFIXES if head.startswith(prefix)), None)


def _framed(head: bytes) -> Kind | None:
    """Streams without a header: each packet begins with the same sync mark."""
    for size in _TS_PACKETS:
        first = 4 if size == 192 else 0
        marks = head[first : first + 3 * size + 1 : size]
        if len(marks) >= 2 and set(marks) == {0x47}:
            return _TS
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        layer = head[1] >> 1 & 3
        if layer:
            return _MP3 if head[2] >> 4 != 0xF and head[2] >> 2 & 3 != 3 else None
        return _AAC if head[1] & 0xF0 == 0xF0 else None
    return None
