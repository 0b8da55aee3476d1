"""Which encoder to use: the one asked for, if it really encodes on this machine, else x264.

ffmpeg lists encoders whose hardware is not there. Only a picture that was encoded, and decodes, tells.
"""

import contextlib
import re
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from goviral.engine.media.container import decoded, open_media, packets
from goviral.engine.media.encoders import ENCODERS, X264, Encoder, video_arguments
from goviral.engine.media.ffmpeg import Ffmpeg, run_ffmpeg
from goviral.kit.errors import AppError, InputError, ProcessError, ResourceError
from goviral.kit.files import fingerprint, write_text

AUTO = "auto"
CHOICES = (AUTO, *ENCODERS)
_FRAMES = 5
_SIZE = "1080x1920"
_TIMEOUT_S = 30.0
_WORKS = "works"
_COMPLAINT = re.compile(r"\[(?:error|fatal)\]")
_ORIGIN = re.compile(r"\[[^\]]*\]\s*")
_DEVICES = ("/dev/dri", "/dev")
_DEVICE_NAMES = ("renderD*", "nvidia*")


@dataclass(frozen=True, slots=True)
class Probe:
    """What trying an encoder showed; `fault` is empty where it works."""

    encoder: Encoder
    fault: str = ""

    @property
    def works(self) -> bool:
        return not self.fault


class EncoderChoice:
    """Chooses once, remembers what failed. Safe to share between threads."""

    def __init__(self, ffmpeg: Ffmpeg, asked: str, cache_dir: Path) -> None:
        if asked not in CHOICES:
            raise InputError(
                f"There is no encoder {asked!r}.", remedy=f"Choose one of: {', '.join(CHOICES)}."
            )
        self._ffmpeg = ffmpeg
        self._asked = asked
        self._cache_dir = cache_dir
        self._failed: dict[str, str] = {}
        self._lock = threading.Lock()

    def choose(self) -> Encoder:
        """The encoder for the next clip."""
        if self._asked == X264.name:
            return X264
        with self._lock:
            return next((probe.encoder for probe in self._candidates() if probe.works), X264)

    def note(self) -> str:
        """What to tell the user: empty where the encoder asked for is in use."""
        if self._asked in (AUTO, X264.name):
            return ""
        fault = self._probe(ENCODERS[self._asked]).fault
        return f"{self._asked} cannot be used here ({fault}): x264 encodes." if fault else ""

    def give_up(self, encoder: Encoder, why: str) -> None:
        """An encoder that passed its probe and failed on a clip is not asked again in this run."""
        with self._lock:
            self._failed[encoder.name] = why

    def _candidates(self) -> Iterator[Probe]:
        names = [name for name in ENCODERS if name == self._asked or self._asked == AUTO]
        return (self._probe(ENCODERS[name]) for name in names if ENCODERS[name].hardware)

    def _probe(self, encoder: Encoder) -> Probe:
        if encoder.name in self._failed:
            return Probe(encoder, self._failed[encoder.name])
        return known_probe(self._ffmpeg, encoder, self._cache_dir)


def known_probe(ffmpeg: Ffmpeg, encoder: Encoder, cache_dir: Path) -> Probe:
    """What trying showed before, with this very ffmpeg and these devices; else tried now and kept."""
    try:
        told = _kept(ffmpeg, encoder, cache_dir).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return refreshed_probe(ffmpeg, encoder, cache_dir)
    return Probe(encoder, "" if told == _WORKS else told)


def refreshed_probe(ffmpeg: Ffmpeg, encoder: Encoder, cache_dir: Path) -> Probe:
    """Tried now, and kept. A cache that cannot be written only costs the next trial."""
    probe = try_encoder(ffmpeg, encoder)
    with contextlib.suppress(ResourceError, OSError):
        write_text(_kept(ffmpeg, encoder, cache_dir), f"{probe.fault or _WORKS}\n")
    return probe


def _kept(ffmpeg: Ffmpeg, encoder: Encoder, cache_dir: Path) -> Path:
    return cache_dir / "encoders" / f"{encoder.name}-{_machine(ffmpeg, encoder)}.txt"


def try_encoder(ffmpeg: Ffmpeg, encoder: Encoder) -> Probe:
    """Encode a few pictures of a clip's size and read them back."""
    filters = ",".join(filter(None, ("format=yuv420p", encoder.upload)))
    with tempfile.TemporaryDirectory(prefix="goviral-") as folder:
        out = Path(folder) / "probe.mp4"
        arguments = [
            *encoder.device,
            *("-f", "lavfi", "-i", f"testsrc2=s={_SIZE}:r=30", "-frames:v", str(_FRAMES)),
            *("-vf", filters, *video_arguments(encoder, Fraction(30), threads=1)),
            *("-f", "mp4", str(out)),
        ]
        try:
            run_ffmpeg(ffmpeg, arguments, timeout_s=_TIMEOUT_S, loglevel="level+error")
            count = _pictures(out)
        except AppError as error:
            return Probe(encoder, why(error))
    return Probe(encoder, "" if count == _FRAMES else f"it gave {count} of {_FRAMES} pictures")


def _pictures(path: Path) -> int:
    with open_media(path) as container:
        return sum(
            len(decoded(packet)) for packet in packets(container, container.streams.video[0])
        )


def why(error: AppError) -> str:
    """The first thing ffmpeg complained about: what follows is only its consequence."""
    told = error if isinstance(error, ProcessError) else error.__cause__
    log = told.log if isinstance(told, ProcessError) else ""
    first = next((line for line in log.splitlines() if _COMPLAINT.search(line)), error.message)
    return " ".join(_ORIGIN.sub("", first).split())[:160]


def _machine(ffmpeg: Ffmpeg, encoder: Encoder) -> str:
    """Changes with the ffmpeg build, with how it is asked, and with the graphics devices there are."""
    try:
        build = Path(ffmpeg.path).stat()
        size = (build.st_size, build.st_mtime_ns)
    except OSError:
        size = (0, 0)
    devices = [
        str(path) for top in _DEVICES for name in _DEVICE_NAMES for path in Path(top).glob(name)
    ]
    return fingerprint(ffmpeg.path, ffmpeg.version, size, encoder, sorted(devices))
