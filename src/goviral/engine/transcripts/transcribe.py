"""What is said in a file: from the transcript beside it, else from the best engine that can run."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

from goviral.engine.llm.client import Usage
from goviral.engine.llm.runs import ModelRun, RunLog
from goviral.engine.media.probe import probe
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.engine import Cancelled, Engine, NotUnderstoodError, never
from goviral.engine.transcripts.engines import ENGINES
from goviral.engine.transcripts.formats import read_transcript
from goviral.engine.transcripts.languages import language_code
from goviral.kit.errors import AppError, DependencyError, InputError
from goviral.kit.progress import Progress, SilentProgress
from goviral.kit.settings import Settings

AUTO = "auto"
PURPOSE = "transcribe"
"""What a recogniser's runs are written down as."""

_RANKED = (".json", ".json3", ".vtt", ".srt")
"""Best first: words timed, words perhaps timed, sentences timed."""
_MARKS = ("transcript", "whisper", "captions", "subtitles")
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*", re.IGNORECASE)

Registry = Mapping[str, Callable[[Settings], Engine]]


def find_sidecar(media_path: Path, language: str | None = None) -> Path | None:
    """The transcript beside a media file, by its name: `talk.srt`, `talk.en.vtt`,
    `talk.transcript.json`, `talk.whisper.json`, `talk.json3` beside `talk.mp4`.

    Among several the wanted language wins, then a name without a language, then the format that
    times words. A JSON file that holds no transcript is passed over.
    """
    if not media_path.parent.is_dir():
        return None
    ranked = sorted(
        (rank, candidate.name, candidate)
        for candidate in media_path.parent.iterdir()
        if (rank := _rank(candidate.name, media_path, language)) is not None
    )
    return next((path for _, _, path in ranked if path.is_file() and _holds_transcript(path)), None)


def transcribe(
    path: Path,
    *,
    engine: str = AUTO,
    model: str | None = None,
    language: str | None = None,
    settings: Settings,
    progress: Progress | None = None,
    cancelled: Cancelled = never,
    engines: Registry = ENGINES,
    hints: Sequence[str] = (),
    runs: RunLog | None = None,
) -> Transcript:
    """The transcript of `path` by the engine named, or by whatever comes first with `auto`.

    `hints` are names that may be heard. Each engine that listened is written into `runs`.

    Raises `InputError` (unknown engine, no sound, nobody speaks), `DependencyError` when the engine
    asked for, or with `auto` every one, cannot run here, `RemoteError`, `CancelledError`.
    """
    progress = progress or SilentProgress()
    spoken = _language(language)
    if model and engine == AUTO:
        settings = settings.model_copy(update={"whisper_model": model})

    def listen(one: Engine) -> Transcript:
        return one.transcribe(
            path,
            language=spoken,
            model=model,
            progress=progress,
            cancelled=cancelled,
            hints=hints,
        )

    def run(one: Engine) -> Transcript:
        return listen(one) if runs is None else _noted(one, path, model, listen, runs)

    if engine != AUTO:
        return run(_named(engine, settings, engines))
    sidecar = find_sidecar(path, spoken)
    if sidecar is not None:
        return read_transcript(sidecar)
    return _first_answer(list(_able(settings, engines, spoken, progress)), run, progress)


def _noted(
    one: Engine,
    path: Path,
    model: str | None,
    listen: Callable[[Engine], Transcript],
    runs: RunLog,
) -> Transcript:
    started, outcome, heard_by = time.monotonic(), "internal", model or ""
    audio_ms = probe(path).duration_ms
    try:
        transcript = listen(one)
        outcome, heard_by = "ok", transcript.engine.removeprefix(one.name).strip()
    except AppError as error:
        outcome = error.code
        raise
    finally:
        latency_ms = round((time.monotonic() - started) * 1000)
        runs.keep(
            ModelRun(
                heard_by,
                PURPOSE,
                "",
                "",
                latency_ms,
                Usage(),
                1,
                outcome,
                provider=one.name,
                audio_ms=audio_ms,
            )
        )
    return transcript


def _language(language: str | None) -> str | None:
    if not language or language == AUTO:
        return None
    code = language_code(language)
    if not code:
        raise InputError(
            f"{language!r} is not a language.", remedy="Use a code as in en, de, ja, or its name."
        )
    return code


def _named(name: str, settings: Settings, engines: Registry) -> Engine:
    if name not in engines:
        raise InputError(
            f"There is no engine {name!r}.", remedy=f"Use one of auto, {', '.join(engines)}."
        )
    return engines[name](settings)


def _able(
    settings: Settings, engines: Registry, language: str | None, progress: Progress
) -> Iterator[Engine]:
    """Engines that can run, best first; why better ones cannot is told as a warning."""
    reasons = []
    for make in engines.values():
        engine = make(settings)
        if not engine.automatic:
            continue
        if language and engine.languages is not None and language not in engine.languages:
            reasons.append(f"{engine.name} does not know {language!r}.")
            continue
        reason = engine.available()
        if reason is None:
            for skipped in reasons:
                progress.warn(f"{skipped} Using {engine.name}.")
            yield engine
            reasons = []
        else:
            reasons.append(reason)
    if reasons:
        progress.warn(" ".join(reasons))


def _first_answer(
    able: Sequence[Engine], run: Callable[[Engine], Transcript], progress: Progress
) -> Transcript:
    """The first engine's answer; one that understood nothing hands on to the next."""
    for engine, other in zip_longest(able, able[1:]):
        try:
            return run(engine)
        except NotUnderstoodError as error:
            if other is None:
                raise
            progress.warn(f"{error.message} Using {other.name}.")
    raise DependencyError(
        "No engine can write this down.",
        remedy="Connect once so that a Whisper model can be fetched, or give a transcript.",
    )


def _rank(name: str, media: Path, language: str | None) -> tuple[int, int] | None:
    """How good a sidecar's name is, smaller is better; None for a file that is none."""
    suffix = Path(name).suffix.lower()
    if suffix not in _RANKED or not name.startswith(f"{media.stem}.") or name == media.name:
        return None
    between = name[len(media.stem) + 1 : -len(suffix)].strip(".")
    tags = [part for part in between.split(".") if part and part.lower() not in _MARKS]
    if len(tags) > 1 or any(not _TAG.fullmatch(tag) for tag in tags):
        return None
    spoken = language_code(tags[0]) if tags else None
    if language and spoken not in (language, None):
        return None
    return (spoken != language if language else bool(tags)), _RANKED.index(suffix)


def _holds_transcript(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return True
    try:
        read_transcript(path)
    except InputError:
        return False
    return True
