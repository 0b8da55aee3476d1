"""Which frames and samples of the source make the clip, exactly. Pure.

ffmpeg seeks to a time and drops what lies before it; time stamps are rounded by every container in its
own way. So it is told to seek a quarter of a frame too early, and the filters take that quarter off
again: the first picture can neither be lost nor doubled, and the sound starts on the very sample.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from goviral.engine.clips.plans.plan import ClipPlan, Source
from goviral.engine.clips.plans.played import timeline_of
from goviral.kit.timecode import frame_count

SAMPLE_RATE_HZ = 48000
CROSSFADE = 720
"""Samples over which two stretches of sound fade into each other at a cut: 15 ms."""

_FREEZE_S = 1
_DEINTERLACE = "bwdif=mode=send_frame:parity=auto:deint=interlaced"
_UNINDEXED = frozenset({"mpegts", "mpeg", "h264", "hevc", "m4v", "mpegvideo", "obu"})
"""Without an index a seek lands anywhere, and decoding starts at the next key frame only."""
_UNINDEXED_LEAD_S = 10
_UNEVEN_LEAD_S = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Times in seconds. The source is read from `seek`; the clip starts `lead` and `warm_up` frames
    later, which are decoded only to know what is on screen by then.

    `kept` are the ranges of frames `[first, end)` that are played, where some are removed: then `frames`
    counts those, of `length` that are read. The last picture is held for `hold` where it ends early.
    """

    seek: Fraction
    lead: Fraction
    warm_up: int
    frames: int
    fps: Fraction
    kept: tuple[tuple[int, int], ...] = ()
    hold: Fraction = Fraction(1)
    interlaced: bool = False

    @property
    def duration(self) -> Fraction:
        return self.frames / self.fps

    @property
    def length(self) -> int:
        """Frames up to the last one played."""
        return self.kept[-1][1] if self.kept else self.frames

    @property
    def read(self) -> Fraction:
        """How much is read from `seek` on: the clip and a frame more."""
        return self.lead + (self.warm_up + self.length + 1) / self.fps

    @property
    def sound_lead(self) -> Fraction:
        return self.lead + self.warm_up / self.fps


def cut_of(plan: ClipPlan) -> Cut:
    """The cut of a plan."""
    fps, source = plan.frame.fps, plan.source
    frames, kept = _frames(plan)
    if source.video_stream is None:
        start = Fraction(plan.span.start_ms, 1000)
        return Cut(start, Fraction(0), 0, frames, fps, kept)
    first = round((plan.span.start_ms - source.start_offset_ms) * fps / 1000)
    start = max(Fraction(0), Fraction(source.start_offset_ms, 1000) + first / fps)
    warm_up = min(ceil(_lead_s(source) * fps), floor(start * fps))
    seek = max(Fraction(0), start - (warm_up + Fraction(1, 4)) / fps)
    lead = start - warm_up / fps - seek
    hold = _FREEZE_S + _missing_s(plan)
    return Cut(seek, lead, warm_up, frames, fps, kept, hold, source.interlaced)


def _missing_s(plan: ClipPlan) -> Fraction:
    """How much of the clip lies behind the source's last picture, while its sound goes on."""
    end_ms = plan.source.picture_end_ms
    return Fraction(max(0, plan.span.end_ms - end_ms) if end_ms else 0, 1000)


def _frames(plan: ClipPlan) -> tuple[int, tuple[tuple[int, int], ...]]:
    """How many frames are played, and which, unless it is all of them."""
    frames = frame_count(plan.span.duration_ms, plan.frame.fps)
    line = timeline_of(plan) if plan.removals else None
    if line is None or line.kept == ((0, frames),):
        return frames, ()
    return line.frames, line.kept


def _lead_s(source: Source) -> int:
    """How much earlier the reading has to begin."""
    if source.container in _UNINDEXED:
        return _UNINDEXED_LEAD_S
    return _UNEVEN_LEAD_S if source.variable_rate else 0


def picture_filters(cut: Cut) -> str:
    """Exactly the clip's frames, numbered from 0; a picture that ends early is held.

    Damage is held for a second only: the check is to see it. Half pictures are made whole ones first,
    while they still have their neighbours in time; frames that are whole already pass.
    """
    filters = [
        *([_DEINTERLACE] if cut.interlaced else []),
        f"setpts=PTS-{exact(cut.lead)}/TB",
        f"fps=fps={cut.fps}:start_time=0",
        f"tpad=stop_mode=clone:stop_duration={float(cut.hold):g}",
        f"trim=start_frame={cut.warm_up}:end_frame={cut.warm_up + cut.length}",
    ]
    if cut.kept:
        # After `fps` a tick is a frame, so the number of a frame is its time.
        return ",".join([*filters, f"select='{_kept(cut)}'", "setpts=N"])
    return ",".join([*filters, "setpts=PTS-STARTPTS"] if cut.warm_up else filters)


def _kept(cut: Cut) -> str:
    """True on the frames that are played: halved again and again, as ffmpeg bounds an expression's depth."""

    def test(ranges: tuple[tuple[int, int], ...]) -> str:
        if len(ranges) == 1:
            return f"between(n,{ranges[0][0]},{ranges[0][1] - 1})"
        middle = len(ranges) // 2
        return f"if(lt(n,{ranges[middle][0]}),{test(ranges[:middle])},{test(ranges[middle:])})"

    return test(cut.kept)


def sound_filters(cut: Cut) -> str:
    """Exactly the samples from the clip's first frame on; silence where the sound starts late or has gaps."""
    lead = exact(cut.sound_lead)
    return (
        f"atrim=start={lead},asetpts=PTS-{lead}/TB,aresample={SAMPLE_RATE_HZ}:async=1:first_pts=0"
    )


def sound_cuts(cut: Cut, into: str, out: str) -> tuple[str, ...]:
    """From `[into]` to `[out]`: the samples of the frames that are played, faded into each other.

    A fade takes half of its samples from behind the cut and half from before the next stretch, so the
    stretches keep their lengths. Equal power, because rooms' noises on either side are not alike.
    """
    # A sound that ends early goes on as silence: there is nothing to fade into otherwise.
    padded = f"[{into}]apad=whole_len={round(cut.length * SAMPLE_RATE_HZ / cut.fps)}"
    if len(cut.kept) == 1:
        return (f"{padded},{_stretch(*cut.kept[0], cut, 0, 0)}[{out}]",)
    names = [f"kept{index}" for index in range(len(cut.kept))]
    copies = "".join(f"[{name}]" for name in names)
    fades = _fades(cut)
    stretches = [
        f"[{name}]{_stretch(*kept, cut, before, after)}[{name}s]"
        for name, kept, before, after in zip(names, cut.kept, [0, *fades], [*fades, 0], strict=True)
    ]
    joins = [
        f"[{'kept0s' if index == 0 else f'joined{index - 1}'}][{names[index + 1]}s]"
        f"acrossfade=ns={fade}:c1=qsin:c2=qsin"
        f"[{out if index == len(fades) - 1 else f'joined{index}'}]"
        for index, fade in enumerate(fades)
    ]
    return (f"{padded},asplit={len(names)}{copies}", *stretches, *joins)


def _fades(cut: Cut) -> list[int]:
    """Samples of each fade, even: shorter where what is kept or removed is too short for the usual."""
    found = []
    for (first, end), (start, stop) in pairwise(cut.kept):
        shortest = min(end - first, start - end, stop - start)
        found.append(min(CROSSFADE, int(shortest * SAMPLE_RATE_HZ / cut.fps) // 4 * 2))
    return found


def _stretch(first: int, end: int, cut: Cut, before: int, after: int) -> str:
    """The samples of frames `first` to `end`, with half of each fade more. Their number is counted on the
    played timeline, so that rounding never adds up."""
    start = round(first * SAMPLE_RATE_HZ / cut.fps)
    shown = sum(min(b, first) - a for a, b in cut.kept if a < first)
    length = round((shown + end - first) * SAMPLE_RATE_HZ / cut.fps) - round(
        shown * SAMPLE_RATE_HZ / cut.fps
    )
    return (
        f"atrim=start_sample={start - before // 2}:end_sample={start + length + after // 2},"
        "asetpts=PTS-STARTPTS"
    )


def sound_end(cut: Cut) -> str:
    """As long as the pictures, to the sample."""
    samples = round(cut.duration * SAMPLE_RATE_HZ)
    return f"apad=whole_len={samples},atrim=end_sample={samples}"


def exact(seconds: Fraction) -> str:
    """Seconds to the microsecond, which is all that ffmpeg keeps."""
    return f"{float(seconds):.6f}"
