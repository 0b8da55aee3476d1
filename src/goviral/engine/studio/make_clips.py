"""The main job, in order: source → transcript → moments → plans → clips."""

import json
from dataclasses import dataclass
from pathlib import Path

from goviral.engine.clips.report import ReportClip, write_report
from goviral.engine.clips.styles import load_style
from goviral.engine.media.signals import Signals
from goviral.engine.moments.document import moments_document
from goviral.engine.moments.moment import Moment
from goviral.engine.studio.clip_line import ClipLine, ClipResult
from goviral.engine.studio.pacing import Pacer
from goviral.engine.studio.stages import Stages
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.wishes import StudioWishes
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import write_transcript
from goviral.kit.files import write_text
from goviral.kit.progress import Progress


@dataclass(frozen=True)
class ClipSet:
    """What a run leaves: every clip in order of rank, made or failed, and the page about them."""

    folder: Path
    report: Path
    clips: tuple[ClipResult, ...]
    transcript: Transcript

    @property
    def failed(self) -> tuple[ClipResult, ...]:
        return tuple(clip for clip in self.clips if clip.error)


def make_clips(
    source: Path,
    wishes: StudioWishes,
    tools: Tools,
    workspace: Workspace,
    progress: Progress,
    *,
    title: str = "",
    workers: int = 1,
) -> ClipSet:
    """Make the clips of one media file in `workspace`.

    Work that is there already is taken up. A clip that fails is reported in the result; the others
    are kept. Raises `InputError` for a source that cannot be used, before anything is written under a
    final name.
    """
    if wishes.clip.captions is not None:
        load_style(wishes.clip.captions)  # a misspelt name is said before hours of work
    pacer = Pacer(tools, workspace, progress, wishes.clip.pace)
    pacer.open()  # so is a folder or a file that is not there
    stages = Stages(tools, workspace, progress)
    media = stages.probe(source)
    transcript = stages.transcribe(media, wishes.transcript)
    signals = stages.listen(media)
    moments = stages.find(transcript, signals, wishes.moments)
    _write_findings(workspace.folder, transcript, moments)
    line = ClipLine(tools, workspace, progress, workers=workers)
    clips = line.run(media, transcript, moments, wishes.clip, pacer)
    report = _write_report(workspace.folder, title or source.stem, transcript, signals, clips)
    return ClipSet(workspace.folder, report, clips, transcript)


def _write_findings(folder: Path, transcript: Transcript, moments: tuple[Moment, ...]) -> None:
    for suffix in ("json", "srt", "vtt"):
        write_transcript(transcript, folder / f"transcript.{suffix}")
    write_text(
        folder / "moments.json", json.dumps(moments_document(moments), ensure_ascii=False, indent=2)
    )


def _write_report(
    folder: Path,
    title: str,
    transcript: Transcript,
    signals: Signals,
    clips: tuple[ClipResult, ...],
) -> Path:
    out = folder / "report.html"
    shown = [
        ReportClip(
            plan=clip.plan,
            moment=clip.moment,
            video=clip.video,
            thumbnail=clip.thumbnail,
            error=clip.error,
        )
        for clip in clips
    ]
    write_report(out, title=title, transcript=transcript, signals=signals, clips=shown)
    return out
