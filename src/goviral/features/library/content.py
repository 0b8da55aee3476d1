"""Whether a file may come in: by its first bytes, by a look inside under limits, by the virus scanner.

The look runs in a child process that may use little memory and time and write nothing: a file made
to break the demuxer breaks only that.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from goviral.features.library.magic import HEAD_BYTES, Kind, NotMediaError, kind_of
from goviral.kit.antivirus import Scanner, make_scanner
from goviral.kit.errors import InputError, ProcessError
from goviral.kit.process import run
from goviral.kit.server_settings import LibrarySettings

_CHILD = "goviral.features.library.inspection"


class TooMuchError(InputError):
    """A film beyond what this service takes: too long, too large a picture, too many tracks."""

    code = "media_limits"
    http_status = 422


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a look into a film told. Width and height are None without a picture."""

    content_type: str
    extension: str
    duration_ms: int
    width: int | None
    height: int | None
    fps: str
    has_audio: bool
    container: str
    warnings: list[str]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MediaGate:
    """Lets films in, and nothing else."""

    settings: LibrarySettings
    scanner: Scanner

    def check(self, path: Path, cancelled: Callable[[], bool] = lambda: False) -> MediaFacts:
        """What the file at `path` is.

        Raises `NotMediaError`, `TooMuchError`, `InfectedError`, `ScannerError`, `CancelledError`.
        """
        kind = read_kind(path)
        facts = self._look(path, kind, cancelled)
        self._refuse_too_much(facts)
        self.scanner.scan(path)
        return facts

    def _look(self, path: Path, kind: Kind, cancelled: Callable[[], bool]) -> MediaFacts:
        command = [sys.executable, "-m", _CHILD, str(path.absolute())]
        command += [str(self.settings.max_pixels), str(self.settings.max_tracks)]
        command += [str(int(self.settings.probe_timeout_s) + 1)]
        try:
            output = run(command, timeout_s=self.settings.probe_timeout_s, cancelled=cancelled)
        except ProcessError as error:
            raise NotMediaError(
                "This file cannot be read within the time and memory a look may take.",
                remedy="Export it again as mp4.",
            ) from error
        found = json.loads(output.stdout)
        if "refused" in found:
            kinds = {"limits": TooMuchError}
            raise kinds.get(found["refused"], NotMediaError)(
                found["message"], remedy=found["remedy"]
            )
        return MediaFacts(content_type=kind.content_type, extension=kind.extension, **found)

    def _refuse_too_much(self, facts: MediaFacts) -> None:
        if facts.duration_ms > self.settings.max_duration_ms:
            longest_h = self.settings.max_duration_ms / 3_600_000
            raise TooMuchError(
                f"The film is longer than {longest_h:g} hours.", remedy="Cut it into parts."
            )


def make_gate(settings: LibrarySettings) -> MediaGate:
    """The gate the settings ask for."""
    return MediaGate(settings, make_scanner(settings.clamav, settings.clamav_timeout_s))


def read_kind(path: Path) -> Kind:
    """The container of a local file by its first bytes. Raises `NotMediaError`."""
    if not path.is_file():  # a pipe would be waited for
        raise NotMediaError("This is not a file.", remedy="Give a video or audio file.")
    with path.open("rb") as stream:
        return kind_of(stream.read(HEAD_BYTES))
