"""The main job, in order: source → transcript → moments → plans → clips."""

import json
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.report.report import ReportClip, write_report
from goviral.engine.clips.thumbnails.packs.packs import find_pack
from goviral.engine.media.signals import Signals
from goviral.engine.moments.document import moments_document
from goviral.engine.moments.moment import Moment
from goviral.engine.studio.clip_line import ClipLine, ClipResult
from goviral.engine.studio.masked import masked_moment, masked_transcript
from goviral.engine.studio.pacing import Pacer
from goviral.engine.studio.stages import Stages
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.wishes import StudioWishes
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.formats import write_transcript
from goviral.kit.files import write_text
from goviral.kit.progress import Progress

REPORT = "report.html"
PREVIEW_REPORT = "report.preview.html"


@dataclass(frozen=True)
class ClipSet:
    """What a run leaves: every clip in order of rank, made or failed, and the page about them."""

    folder: Path
    report: Path
    clips: tuple[ClipResult, ...]
    transcript: Transcript
    exports: tuple[Path, ...] = ()

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
    for name in wishes.clip.thumbnails:
        find_pack(name)
    if wishes.exports:
        from goviral.engine.clips.exports.export import check_formats

        check_formats(wishes.exports)
    pacer = Pacer(tools, workspace, progress, wishes.clip.pace)
    pacer.open()  # so is a folder or a file that is not there
    stages = Stages(tools, workspace, progress)
    media = stages.probe(source)
    transcript = stages.transcribe(media, wishes.transcript)
    signals = stages.listen(media)
    mask = wishes.clip.words.mask_in(transcript.language)
    found = stages.find(transcript, signals, wishes.moments)
    # Masked before anything is named after them.
    moments = tuple(masked_moment(moment, mask) for moment in found)
    _write_findings(workspace.folder, transcript, moments)
    line = ClipLine(tools, workspace, progress, workers=workers)
    clips = line.run(media, transcript, moments, wishes.clip, pacer)
    out = workspace.folder / (PREVIEW_REPORT if wishes.clip.preview else REPORT)
    title = mask.apply(title or source.stem)
    _write_report(out, title, masked_transcript(transcript, mask), signals, clips)
    exports = _export(workspace.folder, title, clips, wishes.exports)
    return ClipSet(workspace.folder, out, clips, transcript, exports)


def _export(
    folder: Path, title: str, clips: tuple[ClipResult, ...], formats: tuple[str, ...]
) -> tuple[Path, ...]:
    plans = [clip.plan for clip in clips if clip.plan]
    if not plans or not formats:
        return ()
    from goviral.engine.clips.exports.export import export_clips

    return export_clips(plans, folder, formats, name=title)


def _write_findings(folder: Path, transcript: Transcript, moments: tuple[Moment, ...]) -> None:
    for suffix in ("json", "srt", "vtt"):
        write_transcript(transcript, folder / f"transcript.{suffix}")
    write_text(
        folder / "moments.json", json.dumps(moments_document(moments), ensure_ascii=False, indent=2)
    )


def _write_report(
    out: Path,
    title: str,
    transcript: Transcript,
    signals: Signals,
    clips: tuple[ClipResult, ...],
) -> None:
    """A card a moment: its first shape that was made, with links to the others."""
    shown = []
    for _, shapes in groupby(clips, lambda clip: clip.moment):
        all_shapes = list(shapes)
        first = next((clip for clip in all_shapes if clip.error is None), all_shapes[0])
        shown.append(
            ReportClip(
                plan=first.plan,
                moment=first.moment,
                video=first.video,
                thumbnail=first.thumbnail,
                error=first.error,
                others=tuple(clip.video for clip in all_shapes if clip.video and clip != first),
            )
        )
    write_report(out, title=title, transcript=transcript, signals=signals, clips=shown)
