"""`goviral doctor`: what is installed, what works, what to do about the rest."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from goviral.kit.settings import Settings


SCRIPT_SAMPLES = {
    "Latin": "Ag",
    "Cyrillic": "Жд",
    "Greek": "Ωλ",
    "Arabic": "عربي",
    "Hebrew": "שלום",
    "Devanagari": "हिन्दी",
    "Thai": "ไทย",
    "CJK": "日本語한국어",
}


_NO_ENCODER = (
    "Not needed: x264 encodes everywhere. It takes this machine's own hardware and its driver."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. `state` is ok, optional (works without it) or missing."""

    name: str
    state: str
    found: str
    remedy: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print the checks as JSON.")] = False,
) -> None:
    """Say what is installed, which engines and keys work, and what to do about the rest."""
    from goviral.kit.settings import load_settings

    checks = list(examine(load_settings()))
    if as_json:
        typer.echo(json.dumps({"checks": [asdict(check) for check in checks]}, indent=2))
    else:
        for check in checks:
            typer.echo(_line(check))
    if any(check.state == "missing" for check in checks):
        raise typer.Exit(1)


def examine(settings: "Settings") -> Iterator[Check]:
    """Every check, in the order a clip needs the parts."""
    yield _python()
    yield _ffmpeg(settings)
    yield from _encoders(settings)
    yield from _engines(settings)
    yield _faces(settings)
    yield from _fonts()
    yield _styles()
    yield _key(settings)
    yield _downloader()


def _line(check: Check) -> str:
    mark = {"ok": "ok  ", "optional": "--  ", "missing": "MISS"}[check.state]
    remedy = f"\n      {check.remedy}" if check.remedy else ""
    return f"{mark} {check.name:<22} {check.found}{remedy}"


def _python() -> Check:
    import platform

    return Check("python", "ok", platform.python_version())


def _ffmpeg(settings: "Settings") -> Check:
    from goviral.engine.media.ffmpeg import find_ffmpeg
    from goviral.kit.errors import AppError

    try:
        ffmpeg = find_ffmpeg(settings)
    except AppError as error:
        return Check("ffmpeg", "missing", error.message, error.remedy)
    return Check("ffmpeg", "ok", f"{ffmpeg.version} ({ffmpeg.path})")


def _encoders(settings: "Settings") -> Iterator[Check]:
    """Tried now, whatever was found out before: who asks has perhaps just changed a driver."""
    from goviral.engine.media.encoder_choice import refreshed_probe
    from goviral.engine.media.encoders import ENCODERS
    from goviral.engine.media.ffmpeg import find_ffmpeg
    from goviral.kit.errors import AppError

    try:
        ffmpeg = find_ffmpeg(settings)
    except AppError:
        return
    for encoder in ENCODERS.values():
        probe = refreshed_probe(ffmpeg, encoder, settings.cache_dir)
        used = ", used" if settings.encoder == encoder.name else ""
        state = "ok" if probe.works else ("optional" if encoder.hardware else "missing")
        found = f"works{used}" if probe.works else probe.fault
        remedy = "" if probe.works else _NO_ENCODER
        yield Check(f"encoder: {encoder.name}", state, found, remedy)


def _engines(settings: "Settings") -> Iterator[Check]:
    from goviral.engine.transcripts.engines import ENGINES

    for name, make in ENGINES.items():
        engine = make(settings)
        reason = engine.available()
        if reason:
            yield Check(f"speech: {name}", "optional", reason, engine.remedy)
        else:
            yield Check(f"speech: {name}", "ok", "ready")


def _faces(settings: "Settings") -> Check:
    from goviral.engine.media.detector import find_detector

    detector = find_detector(settings)
    remedy = (
        "" if detector.name == "blazeface" else "`make setup` takes the better detector's files."
    )
    return Check("faces", "ok", detector.name, remedy)


def _fonts() -> Iterator[Check]:
    from goviral.engine.clips.fonts.fonts import emoji_font_path, find_face, split_by_face

    first = find_face("Roboto", 900)
    for script, sample in SCRIPT_SAMPLES.items():
        ((_, face), *_) = split_by_face(sample, first)
        yield _font(script, face.name if face else "")
    emoji = emoji_font_path()
    yield _font("emoji", emoji.name if emoji else "")


def _font(script: str, name: str) -> Check:
    if name:
        return Check(f"font: {script}", "ok", name)
    remedy = "Install your system's Noto fonts (Debian: fonts-noto-core, fonts-noto-color-emoji)."
    return Check(f"font: {script}", "optional", "none: such text is left out, with a note", remedy)


def _styles() -> Check:
    from goviral.engine.clips.captions.styles import STYLE_NAMES

    return Check("caption styles", "ok", ", ".join(STYLE_NAMES))


def _key(settings: "Settings") -> Check:
    if settings.llm.enabled:
        return Check("language model", "ok", f"{settings.llm.model} proposes moments")
    return Check(
        "language model",
        "optional",
        "no key: the built-in ranking chooses",
        "Set OPENAI_API_KEY or OPENAI_BASE_URL to let a model propose.",
    )


def _downloader() -> Check:
    import shutil
    import sysconfig
    from importlib.metadata import version

    scripts = sysconfig.get_path("scripts")
    deno = shutil.which("deno", path=scripts) or shutil.which("deno")
    if deno:
        return Check("downloads", "ok", f"yt-dlp {version('yt-dlp')}, deno")
    return Check(
        "downloads", "optional", f"yt-dlp {version('yt-dlp')}, no deno", "YouTube needs deno."
    )
