"""Where a clip begins and ends, on whole frames of its source. Pure."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from goviral.engine.media.probe import MediaInfo, VideoStream
from goviral.engine.transcripts.document import Transcript
from goviral.kit.timecode import Span, frame_at, frame_start_ms

_LEAD_MS = 200
_TAIL_MS = 350
_FASTEST = Fraction(60)
_SLOWEST = Fraction(20)
_AUDIO_ONLY_RATE = Fraction(30)
_STANDARD_RATES = (
    Fraction(24000, 1001),
    Fraction(24),
    Fraction(25),
    Fraction(30000, 1001),
    Fraction(30),
    Fraction(50),
    Fraction(60000, 1001),
    Fraction(60),
)
_DECAY_MS = 80
"""A word rings on so long behind its end: no clip ends in it for the picture's sake."""


def clip_span(moment: Span, transcript: Transcript, media: MediaInfo) -> Span:
    """Where the clip of a moment begins and ends, on whole frames of the source.

    From the first word minus a short lead (200 ms, at most half the pause before it) to the last
    word's end plus a short tail (350 ms, at most half the pause after it); never beyond what can be
    read.
    """
    heard, room = _speech(moment, transcript), _room(moment, transcript, media)
    lead_ms = min(_LEAD_MS, max(0, heard.start_ms - room.start_ms) // 2)
    tail_ms = min(_TAIL_MS, max(0, room.end_ms - heard.end_ms) // 2)
    wanted = Span(heard.start_ms - lead_ms, heard.end_ms + tail_ms)
    return _on_frames(wanted, room, media)


def without_glimpses(
    span: Span, moment: Span, transcript: Transcript, media: MediaInfo, cuts_ms: Sequence[int]
) -> Span:
    """`clip_span` without the frames of another shot that its lead or tail would show, no word lost.

    `cuts_ms`: where the camera cuts, in source time.
    """
    heard = _speech(moment, transcript)
    before = [cut for cut in cuts_ms if span.start_ms < cut <= heard.start_ms]
    after = [cut for cut in cuts_ms if heard.end_ms + _DECAY_MS <= cut < span.end_ms]
    fps, offset_ms = clip_rate(media.video), media.video.start_ms if media.video else 0
    start_ms, end_ms = (
        offset_ms + frame_start_ms(round((at_ms - offset_ms) * fps / 1000), fps)
        for at_ms in (max(before, default=span.start_ms), min(after, default=span.end_ms))
    )
    return Span(start_ms, end_ms)


def clip_rate(video: VideoStream | None) -> Fraction:
    """The source's own rate between 20 and 60, so that no frame is shown twice or left out.

    Faster sources lose every second frame, slower ones show each frame several times (captions need
    the steps); a variable rate becomes the nearest standard one.
    """
    if video is None:
        return _AUDIO_ONLY_RATE
    if video.variable_rate:
        return min(_STANDARD_RATES, key=lambda rate: abs(rate - video.fps))
    if video.fps > _FASTEST:
        return video.fps / ceil(video.fps / _FASTEST)
    return video.fps * ceil(_SLOWEST / video.fps)


def _speech(moment: Span, transcript: Transcript) -> Span:
    """First to last word of the moment; itself where words are not known."""
    words = transcript.words_in(moment)
    if words:
        return Span(words[0].start_ms, max(word.end_ms for word in words))
    return moment


def _room(moment: Span, transcript: Transcript, media: MediaInfo) -> Span:
    """From the end of the word before to the start of the word after, within the file."""
    spoken = transcript.words or transcript.sentences
    before = [s.end_ms for s in spoken if s.start_ms < moment.start_ms]
    after = [s.start_ms for s in spoken if s.start_ms >= moment.end_ms]
    start_ms = min(max(before, default=0), moment.start_ms)
    return Span(start_ms, min(min(after, default=media.duration_ms), media.duration_ms))


def _on_frames(wanted: Span, room: Span, media: MediaInfo) -> Span:
    """The frames that hold `wanted`; a first frame that would show the word before is left out."""
    fps = clip_rate(media.video)
    offset_ms = media.video.start_ms if media.video else 0
    first = frame_at(wanted.start_ms - offset_ms, fps)
    if offset_ms + frame_start_ms(first, fps) < room.start_ms:
        first += 1
    last = max(first + 1, ceil((wanted.end_ms - offset_ms) * fps / 1000))
    readable = max(first + 1, frame_at(media.duration_ms - offset_ms, fps))
    last = min(last, readable)
    return Span(offset_ms + frame_start_ms(first, fps), offset_ms + frame_start_ms(last, fps))
