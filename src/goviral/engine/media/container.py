"""Opening media files with PyAV: the one choke point, so that no file can make us read another.

Source time 0 is the container's start, as players show it and as ffmpeg's `-ss` before `-i` counts.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goviral.kit.errors import InputError, NotFoundError, ResourceError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.stream import Stream

# Formats that hold media themselves. Playlists (hls, dash, concat, sdp) are left out on purpose:
# they name other files, which a stranger's upload must not make us read.
FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,w64,flac,ogg,aac,ac3,eac3,aiff,au,caf,amr,opus,"
    "ape,wv,tta,avi,flv,live_flv,mpegts,mpeg,mpegvideo,h264,hevc,m4v,ivf,obu,asf,rm,dv,mxf,nut,gif,gxf"
)
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS, "fflags": "+genpts"}
_MAX_ERRORS_IN_A_ROW = 500
_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"v=0", b"<MPD", b"<?xml")


def media_url(path: Path) -> str:
    """A path as libav reads it whatever its name is: never an option, never a protocol."""
    return f"file:{path.absolute()}"


def demuxer_options() -> dict[str, str]:
    """Options that keep libav from following addresses inside a file."""
    return dict(_OPTIONS)


@contextmanager
def open_media(path: Path) -> "Iterator[InputContainer]":
    """Open a file for reading.

    Raises `NotFoundError`, or `InputError` when it is a folder, empty, a playlist, cut off before its
    index or not media at all.
    """
    import av

    _refuse_what_is_no_file(path)
    try:
        container = av.open(media_url(path), options=_OPTIONS, metadata_errors="ignore")
    except PermissionError as error:
        raise ResourceError(
            f"{path.name} may not be read.", remedy="Check the file's permissions."
        ) from error
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _why_unreadable(path) from error
    with container:
        yield container


def packets(container: "InputContainer", *streams: "Stream") -> "Iterator[Packet[Stream]]":
    """Packets to the end of what can be read: a broken tail ends the walk, it does not raise."""
    import av

    errors = 0
    walk = container.demux(*streams)
    while errors < _MAX_ERRORS_IN_A_ROW:
        try:
            packet = next(walk)
        except StopIteration:
            return
        except (av.error.FFmpegError, OSError):
            errors += 1
            walk = container.demux(*streams)
            continue
        errors = 0
        yield packet


def packet_ms(packet: "Packet[Any]") -> float:
    """When it is shown, by its container's own clock; later than all where it says nothing of a time."""
    at, base = packet.dts if packet.pts is None else packet.pts, packet.time_base
    return float("inf") if at is None else at * base.numerator * 1000 / base.denominator


def decoded(packet: "Packet[Stream]") -> list[Any]:
    """Video or audio frames of a packet, none where it is damaged."""
    import av

    try:
        return list(packet.decode())
    except (av.error.FFmpegError, OSError):
        return []


def has_decoder(stream: Any) -> bool:
    """False for a codec this build does not know: PyAV then gives no context."""
    return stream.codec_context is not None


def start_ms(container: "InputContainer") -> float:
    """What to take off a timestamp to get source time."""
    return (container.start_time or 0) / 1000


def seek(container: "InputContainer", at_ms: int) -> None:
    """Go to the key frame at or before a source time; to the start where seeking fails.

    Where not even that works (a file cut off in its head), reading goes on where it is.
    """
    import av

    # Transport streams have no index: aimed at their very start, a seek lands after it.
    target = (at_ms or -1000) * 1000 + (container.start_time or 0)
    try:
        container.seek(target, backward=True)
    except (av.error.FFmpegError, OSError):
        with suppress(av.error.FFmpegError, OSError):
            container.seek(container.start_time or 0, backward=True, any_frame=True)


def _refuse_what_is_no_file(path: Path) -> None:
    if not path.exists():
        raise NotFoundError(f"There is no file {path}.", remedy="Check the path.")
    if path.is_dir():
        raise InputError(f"{path} is a folder.", remedy="Name the video file inside it.")
    if not path.is_file():
        raise InputError(f"{path} is not a regular file.", remedy="Name a video or audio file.")
    if path.stat().st_size == 0:
        raise InputError(f"{path.name} is empty.", remedy="Download or export it again.")


def _why_unreadable(path: Path) -> InputError:
    with path.open("rb") as stream:
        head = stream.read(4096)
    if head.lstrip().startswith(_PLAYLISTS):
        return InputError(
            f"{path.name} is a playlist that only names other files.",
            remedy="Give the media file itself, or the page's URL.",
        )
    if head[4:8] in (b"ftyp", b"mdat", b"moov"):
        return InputError(
            f"{path.name} is cut off: its index is missing.",
            remedy="Download or export it again.",
        )
    return InputError(
        f"{path.name} is not a video or audio file that can be read.",
        remedy="Give a file such as mp4, mov, mkv, webm, mp3 or wav.",
    )
