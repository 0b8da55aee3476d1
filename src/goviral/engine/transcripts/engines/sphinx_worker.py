"""One process of the bundled recogniser: some spans of a file in, words as JSON lines out.

The recogniser holds Python's lock while it works, so cores are used, and Ctrl-C is answered, by
processes: `python -m goviral.engine.transcripts.engines.sphinx_worker FILE SPANS`, where SPANS is
`[[start_ms, end_ms], …]`. A line per span: `[[text, start_ms, end_ms, probability], …]`.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from goviral.engine.media.audio import Pcm, read_pcm
from goviral.kit.timecode import Span

RATE_HZ = 16_000
_FRAME_MS = 10
_FILLER = re.compile(r"^(?:<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")

HeardWord = tuple[str, int, int, float]


def main(arguments: list[str], out: TextIO) -> None:
    """Hear the spans in order and write their words as they come."""
    path, spans = Path(arguments[0]), [Span(*pair) for pair in json.loads(arguments[1])]
    for words in hear(path, spans):
        out.write(json.dumps(words) + "\n")
        out.flush()


def hear(path: Path, spans: Iterable[Span]) -> Iterator[list[HeardWord]]:
    """The words of each span, times of the source, by one decoder that adapts as it goes."""
    from pocketsphinx import Decoder

    decoder = Decoder(samprate=RATE_HZ, loglevel="FATAL")
    for span in spans:
        samples = read_pcm(path, sample_rate_hz=RATE_HZ, span=span)
        yield list(_words(_decode(decoder, samples), span))


def _decode(decoder: Any, samples: Pcm) -> Any:
    decoder.start_utt()
    decoder.process_raw((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes(), False, True)
    decoder.end_utt()
    # A decoder that found no path has no segments; asking it would raise.
    return decoder.seg() if decoder.hyp() is not None else ()


def _words(segments: Any, span: Span) -> Iterator[HeardWord]:
    for segment in segments:
        if _FILLER.match(segment.word):
            continue
        start = span.start_ms + segment.start_frame * _FRAME_MS
        end = min(span.start_ms + (segment.end_frame + 1) * _FRAME_MS, span.end_ms)
        yield _written(segment.word), start, end, round(min(1.0, float(segment.prob)), 4)


def _written(word: str) -> str:
    """The dictionary writes all in small letters and numbers its pronunciations."""
    text = _VARIANT.sub("", word)
    return "I" + text[1:] if text == "i" or text.startswith("i'") else text


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout)
