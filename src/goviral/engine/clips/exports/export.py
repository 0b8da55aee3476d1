"""Finished clips handed to an editing program: the cut, the framing and the words, from the plans alone."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from pathlib import Path

from goviral.engine.clips.exports.cut_list import CutList, SourceFacts, cut_clip
from goviral.engine.clips.exports.formats import EXPORTS
from goviral.engine.clips.exports.smpte import frame_of
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import read_plan
from goviral.engine.clips.plans.variants import variant_of
from goviral.engine.media.container import open_media
from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.document import Word
from goviral.engine.transcripts.formats import dump
from goviral.kit.errors import AppError, InputError, NotFoundError
from goviral.kit.files import write_text

STEM = "clips"


def export_clips(
    plans: Sequence[ClipPlan], folder: Path, formats: Sequence[str], *, name: str = ""
) -> tuple[Path, ...]:
    """Write the plans' clips as each format, and their words as SRT on the same timeline.

    Clips made in several shapes become a set of files for each shape. Raises `InputError` for a format
    there is not, and where there is nothing to export.
    """
    check_formats(formats)
    if not plans:
        raise InputError("There are no clips to export.", remedy="Make some with `goviral clip`.")
    sets = groupby(sorted(plans, key=_shape), _shape)
    return tuple(
        path
        for shape, members in sets
        for path in _export(sorted(members, key=_name), folder, formats, name or folder.name, shape)
    )


def check_formats(formats: Sequence[str]) -> None:
    """Raise `InputError` for a format there is not."""
    unknown = next((wanted for wanted in formats if wanted not in EXPORTS), None)
    if unknown is not None:
        raise InputError(
            f"There is no export {unknown!r}.", remedy=f"Choose from: {', '.join(EXPORTS)}."
        )


def plans_in(folder: Path) -> tuple[ClipPlan, ...]:
    """The plans of a run's folder, previews left out. Raises `NotFoundError`, and as `read_plan`."""
    paths = _plan_files(folder)
    if folder.is_file():
        raise NotFoundError(f"{folder} is a file.", remedy=f"Name its folder: {folder.parent}.")
    if not paths:
        run = next((path for path in sorted(folder.glob("*/")) if _plan_files(path)), None)
        such = f", such as {run}" if run else ""
        raise NotFoundError(
            f"There are no clips in {folder}.", remedy=f"Name the folder `goviral clip` made{such}."
        )
    return tuple(plan for plan in map(read_plan, paths) if not plan.preview)


def _plan_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9][0-9]-*.plan.json"))


def source_facts(path: Path) -> SourceFacts:
    """What the file itself knows: its first timecode, its sound. The usual where it cannot be read."""
    try:
        with open_media(path) as container:
            video = next(iter(container.streams.video), None)
            audio = next(iter(container.streams.audio), None)
            streams = [container.metadata, *(stream.metadata for stream in container.streams)]
            told = next((tags["timecode"] for tags in streams if "timecode" in tags), "")
            rate = Fraction(video.average_rate) if video and video.average_rate else Fraction(0)
            context = audio.codec_context if audio else None
            facts = SourceFacts(frame_of(told, rate) / rate if told and rate else Fraction(0))
            if context is None:
                return facts
            return replace(facts, channels=context.channels, rate_hz=context.sample_rate)
    except AppError:
        return SourceFacts()


def _export(
    plans: Sequence[ClipPlan], folder: Path, formats: Sequence[str], name: str, shape: str
) -> list[Path]:
    facts = {path: source_facts(Path(path)) for path in {plan.source.path for plan in plans}}
    cuts = CutList(name, tuple(cut_clip(plan) for plan in plans), facts)
    stem = f"{STEM}.{shape}" if shape else STEM
    texts = {wanted: EXPORTS[wanted](cuts) for wanted in formats}
    texts["srt"] = timeline_srt(cuts)
    written = []
    for ending, text in texts.items():
        path = folder / f"{stem}.{ending}"
        write_text(path, text)
        written.append(path)
    return written


def timeline_srt(cuts: CutList) -> str:
    """The words of all clips, one after another as the timeline has them."""
    words: list[Word] = []
    at_frames = Fraction(0)
    for clip in cuts.clips:
        at_ms = round(at_frames * 1000)
        words += [
            replace(word, start_ms=word.start_ms + at_ms, end_ms=word.end_ms + at_ms)
            for word in clip.words.words
        ]
        at_frames += clip.frames / clip.fps
    if not words:
        return ""
    language = cuts.clips[0].words.language
    return dump(build_transcript(words=words, language=language, engine="plan"), "srt")


def _shape(plan: ClipPlan) -> str:
    return variant_of(plan.name)


def _name(plan: ClipPlan) -> str:
    return plan.name
