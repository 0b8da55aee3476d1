"""What a speech recogniser is."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import CancelledError, InputError
from goviral.kit.progress import Progress

STAGE = "transcribe"
_PROMPT_CHARACTERS = 600

Cancelled = Callable[[], bool]


class NotUnderstoodError(InputError):
    """There is speech, but not in a language the engine knows; another engine may do better."""

    code = "speech_not_understood"


def never() -> bool:
    """For callers who cannot stop the work."""
    return False


def check(cancelled: Cancelled) -> None:
    """Raise `CancelledError` once the user has stopped the work."""
    if cancelled():
        raise CancelledError("Stopped.")


def as_prompt(hints: Sequence[str]) -> str:
    """Names as Whisper's prompt, which holds 224 tokens and forgets the beginning of a longer one."""
    prompt = ""
    for hint in hints:
        if len(prompt) + len(hint) + 2 > _PROMPT_CHARACTERS:
            break
        prompt += f", {hint}" if prompt else hint
    return prompt


class Engine(Protocol):
    """Turns the speech of a file into a transcript with word times.

    An engine is made from the settings; making one is cheap and loads nothing. Adding one is a file
    in `engines/` and a line there. `auto` asks engines in the order of the registry, and only those
    with `automatic` set: what costs money or sends the sound away must be asked for.
    """

    name: str
    automatic: bool
    languages: frozenset[str] | None
    """ISO 639-1 codes it knows, None for nearly all."""
    needs_network: bool
    is_draft: bool
    """Whether its text is good enough to find moments but not to be shown unread."""
    remedy: str
    """What to do where it is not available."""

    def available(self) -> str | None:
        """None when it can run now, else one sentence that says why not. Answers within seconds."""

    def transcribe(
        self,
        path: Path,
        *,
        language: str | None,
        model: str | None,
        progress: Progress,
        cancelled: Cancelled,
        hints: Sequence[str] = (),
    ) -> Transcript:
        """What is said in `path`, in memory that does not grow with its length.

        `language` None: found out. `hints` are names that may be heard, for engines that take them.
        Progress goes by `STAGE`.
        Raises `InputError` (no sound, nobody speaks), `NotUnderstoodError` (not its language),
        `DependencyError` (cannot run here), `RemoteError`, `CancelledError`.
        """
