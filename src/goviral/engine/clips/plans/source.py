"""The part of a file's description that a plan keeps. Pure."""

from goviral.engine.clips.plans.plan import Loudness, Source
from goviral.engine.media.loudness import TARGET_LUFS, TOLERANCE_LU, LoudnessGain
from goviral.engine.media.probe import MediaInfo


def source_of(media: MediaInfo) -> Source:
    """What a plan keeps of a file."""
    video = media.video
    source = Source(
        path=str(media.path),
        fingerprint=media.fingerprint,
        duration_ms=media.duration_ms,
        audio_stream=media.audio.index if media.audio else None,
    )
    if video is None:
        return source
    return Source(
        path=source.path,
        fingerprint=source.fingerprint,
        duration_ms=source.duration_ms,
        audio_stream=source.audio_stream,
        width=video.width,
        height=video.height,
        fps=video.fps,
        video_stream=video.index,
        color_transfer=video.color_transfer,
        color_space=video.color_space,
        start_offset_ms=video.start_ms,
        variable_rate=video.variable_rate,
        container=media.container,
        interlaced=video.interlaced,
        picture_end_ms=video.end_ms,
        turned=bool(video.rotation),
    )


def loudness_of(found: LoudnessGain) -> Loudness:
    """What a plan keeps of a measurement. Its target is what can be reached, where that is not the usual."""
    missed = abs(found.reaches_lufs - TARGET_LUFS) > TOLERANCE_LU
    return Loudness(
        target_lufs=found.reaches_lufs if missed else TARGET_LUFS,
        gain_db=found.gain_db,
        limit_dbfs=found.limit_dbfs,
        measured_lufs=found.measured_lufs,
        side=found.side,
    )
