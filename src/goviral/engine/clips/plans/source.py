"""The part of a file's description that a plan keeps. Pure."""

from goviral.engine.clips.plans.plan import Source
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
