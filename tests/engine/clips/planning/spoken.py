"""A talk of some words, and a file it is said in."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from goviral.engine.media.probe import AudioStream, MediaInfo, VideoStream
from goviral.engine.transcripts.document import Sentence, Transcript, Word

NTSC = Fraction(30000, 1001)
VIDEO = VideoStream(0, 1920, 1080, Fraction(30), color_space="bt709")
MEDIA = MediaInfo(
    Path("/talk.mp4"), "f00", 60_000, VIDEO, AudioStream(1, 2, 48000), container="mov"
)
AUDIO_ONLY = replace(MEDIA, video=None)


def said(*times: tuple[int, int]) -> Transcript:
    words = tuple(Word(f"word{i}", start, end) for i, (start, end) in enumerate(times))
    return Transcript((Sentence(0, "x", times[0][0], times[-1][1]),), words, "en")
