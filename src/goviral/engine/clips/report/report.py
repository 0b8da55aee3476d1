"""The page a run leaves: every clip with its player, its score and why, on one timeline of the source.

One file that asks the network for nothing: styles, script, pictures and timeline are inside, only the
clips' own mp4 files stay beside it. Everything that came from outside is escaped by Jinja; the content
security policy allows exactly our style and our script, by their hashes.
"""

import hashlib
import importlib.resources
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from goviral.engine.clips.plans.plan import ClipPlan, Frame
from goviral.engine.clips.plans.played import played_ms
from goviral.engine.clips.plans.variants import PREVIEW, variant_of
from goviral.engine.clips.report.report_stills import Still, stills_of
from goviral.engine.clips.report.timeline_picture import Mark, Timeline, draw_timeline, mark
from goviral.engine.media.signals import Signals
from goviral.engine.moments.moment import Moment, Scorecard
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import AppError
from goviral.kit.files import write_text
from goviral.kit.timecode import Span, clock

_TEMPLATES = importlib.resources.files("goviral.engine.clips.report") / "templates"
_POSTER_HEIGHT = 720
_THUMBNAIL_HEIGHT = 190
_STILL_SIZE = 300
_MOST_REASONS = 6


@dataclass(frozen=True)
class ReportClip:
    """A clip as the page shows it: its files lie in the page's folder, or `error` says why not.

    `others` are the same moment in other shapes.
    """

    plan: ClipPlan | None
    moment: Moment
    video: Path | None
    thumbnail: Path | None
    error: AppError | None = None
    others: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reason:
    text: str
    against: bool
    at: str


@dataclass(frozen=True, slots=True)
class _Card:
    """One clip in the words and numbers the template prints."""

    rank: int
    moment: Moment
    error: AppError | None
    span: Span
    length_ms: int
    where: Mark
    frame: Frame | None
    video: str | None
    poster: str | None
    thumbnail: str | None
    files: tuple[tuple[str, str], ...]
    stills: tuple[Still, ...]
    scores: tuple[tuple[str, int], ...]
    reasons: tuple[_Reason, ...]
    sentences: tuple[str, ...]
    posts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    notes: tuple[str, ...]


def write_report(
    out: Path,
    *,
    title: str,
    transcript: Transcript,
    signals: Signals,
    clips: Sequence[ReportClip],
) -> None:
    """Write the page to `out`, atomically. Clips are shown in the order given: best first."""
    duration_ms = _duration_ms(transcript, signals, clips)
    timeline = draw_timeline(
        duration_ms, signals, transcript, [(c.moment, c.error is not None) for c in clips]
    )
    cards = [_card(rank, clip, transcript, duration_ms) for rank, clip in enumerate(clips, 1)]
    write_text(out, _render(title, transcript, timeline, cards))


def _render(title: str, transcript: Transcript, timeline: Timeline, cards: Sequence[_Card]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(str(_TEMPLATES)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = clock
    style, script = (_asset(name) for name in ("report.css", "report.js"))
    return environment.get_template("report.html.j2").render(
        title=title,
        transcript=transcript,
        timeline=timeline,
        cards=cards,
        made=sum(card.error is None for card in cards),
        style=style,
        script=script,
        style_hash=_sha256(style),
        script_hash=_sha256(script),
    )


def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _sha256(text: str) -> str:
    """The form a content security policy wants: base64 of the digest of exactly what is inline."""
    return b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _duration_ms(transcript: Transcript, signals: Signals, clips: Sequence[ReportClip]) -> int:
    planned = [clip.plan.source.duration_ms for clip in clips if clip.plan]
    return max([transcript.duration_ms, signals.duration_ms, *planned])


def _card(rank: int, clip: ReportClip, transcript: Transcript, duration_ms: int) -> _Card:
    span = clip.plan.span if clip.plan else clip.moment.span
    return _Card(
        rank=rank,
        moment=clip.moment,
        error=clip.error,
        span=span,
        length_ms=played_ms(clip.plan) if clip.plan else span.duration_ms,
        where=mark(span, max(1, duration_ms), 0.6),
        frame=clip.plan.frame if clip.plan else None,
        video=_link(clip.video),
        poster=_inline(clip.thumbnail, _POSTER_HEIGHT),
        thumbnail=_inline(clip.thumbnail, _THUMBNAIL_HEIGHT),
        files=_files(clip),
        stills=stills_of(clip.plan, clip.thumbnail, lambda path: _inline(path, _STILL_SIZE)),
        scores=_scores(clip.moment.scorecard),
        reasons=_reasons(clip.moment),
        sentences=tuple(sentence.text for sentence in transcript.sentences_in(span)),
        posts=_posts(clip.moment.platforms),
        notes=(*_taken_out(clip.plan), *clip.plan.notes) if clip.plan else (),
    )


def _taken_out(plan: ClipPlan) -> Iterator[str]:
    """What a tightened clip leaves out, in a line."""
    if not plan.removals:
        return
    shorter_s = (plan.span.duration_ms - played_ms(plan)) / 1000
    fillers = [f"“{cut.text.strip(',. ')}”" for cut in plan.removals if cut.text]
    silences = sum(not cut.text for cut in plan.removals)
    parts = [f"{silences} silence{'s' * (silences != 1)}"] * bool(silences) + fillers
    yield f"{shorter_s:.1f} s taken out: {', '.join(parts)}."


def _link(path: Path | None) -> str | None:
    """Relative, and safe for any file name: `./` keeps a colon from being a scheme."""
    return f"./{quote(path.name)}" if path else None


def _files(clip: ReportClip) -> tuple[tuple[str, str], ...]:
    """The clip's files that are there, with what to call them."""
    if clip.video is None:
        return ()
    stem = clip.video.with_suffix("")
    known = (
        ("Video", clip.video),
        ("Thumbnail", clip.thumbnail),
        ("Subtitles", stem.with_name(f"{stem.name}.srt")),
        ("Plan", stem.with_name(f"{stem.name}.plan.json")),
        *((f"Video {_shape(path)}", path) for path in clip.others),
    )
    return tuple(
        (label, f"./{quote(path.name)}")
        for label, path in known
        if path is not None and path.exists()
    )


def _shape(path: Path) -> str:
    """`01-why.16x9.mp4` → `16:9`, `01-why.9x16.tiktok.mp4` → `9:16 tiktok`."""
    marks = (mark for mark in variant_of(path.stem).split(".") if mark != PREVIEW)
    return " ".join(mark.replace("x", ":") if mark[0].isdigit() else mark for mark in marks)


def _inline(path: Path | None, height: int) -> str | None:
    """A picture as a data address, no larger than it is shown on a sharp screen."""
    if path is None or not path.exists():
        return None
    from PIL import Image

    with Image.open(path) as picture:
        # What JPEG itself can leave out is never decoded: no gap is kept for a second scaling.
        picture.thumbnail((height, height), reducing_gap=1.0)
        buffer = BytesIO()
        picture.convert("RGB").save(buffer, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"


def _scores(card: Scorecard) -> tuple[tuple[str, int], ...]:
    return (
        ("Hook", card.hook),
        ("Retention", card.retention),
        ("Emotion", card.emotion),
        ("Clarity", card.clarity),
        ("Shareability", card.shareability),
    )


def _reasons(moment: Moment) -> tuple[_Reason, ...]:
    """The strongest first, whichever way they moved the score."""
    strongest = sorted(moment.reasons, key=lambda reason: -abs(reason.weight))[:_MOST_REASONS]
    return tuple(
        _Reason(
            text=reason.text,
            against=reason.weight < 0,
            at=clock(reason.span.start_ms) if reason.span else "",
        )
        for reason in strongest
    )


def _posts(
    platforms: dict[str, dict[str, object]],
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """What to post with the clip, platform by platform, as plain text."""
    return tuple(
        (
            platform.replace("_", " "),
            tuple((key.replace("_", " "), _plain(value)) for key, value in copy.items() if value),
        )
        for platform, copy in platforms.items()
        if any(copy.values())
    )


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
