"""Which frames and samples of the source make the clip, exactly. Pure.

ffmpeg seeks to a time and drops what lies before it; time stamps are rounded by every container in its
own way. So it is told to seek a quarter of a frame too early, and the filters take that quarter off
again: the first picture can neither be lost nor doubled, and the sound starts on the very sample.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from goviral.engine.clips.plan import ClipPlan, Source
from goviral.kit.timecode import frame_count

_FREEZE_S = 1
_UNINDEXED = frozenset({"mpegts", "mpeg", "h264", "hevc", "m4v", "mpegvideo", "obu"})
"""Without an index a seek lands anywhere, and decoding starts at the next key frame only."""
_UNINDEXED_LEAD_S = 10
_UNEVEN_LEAD_S = 1


@dataclass(frozen=True, slots=True)
class Cut:
    """Times in seconds. The source is read from `seek`; the clip starts `lead` and `warm_up` frames
    later, which are decoded only to know what is on screen by then."""

    seek: Fraction
    lead: Fraction
    warm_up: int
    frames: int
    fps: Fraction

    @property
    def duration(self) -> Fraction:
        return self.frames / self.fps

    @property
    def read(self) -> Fraction:
        """How much is read from `seek` on: the clip and a frame more."""
        return self.lead + (self.warm_up + self.frames + 1) / self.fps

    @property
    def sound_lead(self) -> Fraction:
        return self.lead + self.warm_up / self.fps


def cut_of(plan: ClipPlan) -> Cut:
    """The cut of a plan."""
    fps, source = plan.frame.fps, plan.source
    frames = frame_count(plan.span.duration_ms, fps)
    if source.video_stream is None:
        start = Fraction(plan.span.start_ms, 1000)
        return Cut(start, Fraction(0), 0, frames, fps)
    first = round((plan.span.start_ms - source.start_offset_ms) * fps / 1000)
    start = max(Fraction(0), Fraction(source.start_offset_ms, 1000) + first / fps)
    warm_up = min(ceil(_lead_s(source) * fps), floor(start * fps))
    seek = max(Fraction(0), start - (warm_up + Fraction(1, 4)) / fps)
    return Cut(seek, start - warm_up / fps - seek, warm_up, frames, fps)


def _lead_s(source: Source) -> int:
    """How much earlier the reading has to begin."""
    if source.container in _UNINDEXED:
        return _UNINDEXED_LEAD_S
    return _UNEVEN_LEAD_S if source.variable_rate else 0


def picture_filters(cut: Cut) -> str:
    """Exactly the clip's frames, numbered from 0; a picture that ends early is held for a second."""
    filters = [
        f"setpts=PTS-{exact(cut.lead)}/TB",
        f"fps=fps={cut.fps}:start_time=0",
        f"tpad=stop_mode=clone:stop_duration={_FREEZE_S}",
        f"trim=start_frame={cut.warm_up}:end_frame={cut.warm_up + cut.frames}",
    ]
    return ",".join([*filters, "setpts=PTS-STARTPTS"] if cut.warm_up else filters)


def sound_filters(cut: Cut) -> str:
    """Exactly the clip's samples; silence where the sound starts late or has gaps."""
    lead = exact(cut.sound_lead)
    return f"atrim=start={lead},asetpts=PTS-{lead}/TB,aresample=48000:async=1:first_pts=0"


def sound_end(cut: Cut) -> str:
    """As long as the pictures, to the sample."""
    samples = round(cut.duration * 48000)
    return f"apad=whole_len={samples},atrim=end_sample={samples}"


def exact(seconds: Fraction) -> str:
    """Seconds to the microsecond, which is all that ffmpeg keeps."""
    return f"{float(seconds):.6f}"
