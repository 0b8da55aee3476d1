"""WebVTT, with voices and the inline word times that YouTube and we write."""

import html
import re
from collections.abc import Iterator, Sequence

from typing_extensions import override

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.captions import single_words
from goviral.engine.transcripts.clock import format_clock, parse_timing, split_inline
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source, WritableFormat
from goviral.engine.transcripts.markup import strip_markup, strip_sounds
from goviral.engine.transcripts.mending import speaking_ms
from goviral.engine.transcripts.subtitles import Subtitle, subtitles
from goviral.kit.errors import InputError

_LANGUAGE = re.compile(r"^Language:\s*([A-Za-z]{2,3})", re.MULTILINE)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_INLINE_TIME = re.compile(r"<\d+:[\d:.]+>")
_ROLLING_TAG = "<c"
"""YouTube marks words with it. It tells where words begin but not where they end."""
_RECENT_LINES = 4
_NOT_IN_NAMES = re.compile(r"[<>\s]+(?=[<>])|[<>\n]")


class Vtt(WritableFormat):
    """Header, NOTE, STYLE and REGION blocks and cue settings are passed over."""

    name = "vtt"
    extensions = (".vtt",)

    @override
    def recognises(self, source: Source) -> bool:
        return source.text.lstrip().startswith("WEBVTT")

    @override
    def parse(self, source: Source) -> Transcript:
        raw = list(_raw_cues(source.text))
        if not raw:
            raise InputError("There is no cue in that WebVTT file.", remedy="Export it again.")
        stated = _LANGUAGE.search(source.text[:500])
        language = stated.group(1).lower() if stated else source.language
        if any(_INLINE_TIME.search(cue.text) for cue in raw):
            words = list(_words(raw))
            return build_transcript(words=words, language=language, engine=self.name)
        cues = [turn for cue in raw for turn in _voices(cue)]
        return build_transcript(sentences=cues, language=language, engine=self.name)

    @override
    def dump(self, transcript: Transcript) -> str:
        timed = bool(transcript.words) and not transcript.words_estimated
        header = "WEBVTT\n"
        if transcript.language != "und":
            header += f"Kind: captions\nLanguage: {transcript.language}\n"
        cues = (_dump_cue(cue, timed) for cue in subtitles(transcript))
        return "\n".join([header, *cues])


def _raw_cues(text: str) -> Iterator[Cue]:
    """Cues with their markup. A block without a timing line is a comment, a style or the header.

    Only an empty line ends a block: YouTube writes lines of one space inside its cues.
    """
    for block in text.split("\n\n"):
        lines = block.split("\n")
        timed = [(number, parse_timing(line)) for number, line in enumerate(lines)]
        found = [(number, timing) for number, timing in timed if timing is not None]
        ends = [number for number, _ in found[1:]]
        for (number, timing), end in zip(found, [*ends, len(lines)], strict=False):
            yield Cue("\n".join(lines[number + 1 : end]), timing[0], timing[1])


def _voices(cue: Cue) -> list[Cue]:
    """A cue without word times, one a voice; several voices share its time by length."""
    pieces = _VOICE.split(cue.text)
    turns = [(None, pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    clean = [(name, strip_sounds(strip_markup(text))) for name, text in turns]
    clean = [(name, text) for name, text in clean if text]
    if len(clean) < 2 or cue.start_ms is None or cue.end_ms is None:
        return [Cue(text, cue.start_ms, cue.end_ms, name) for name, text in clean]
    total, start, voices = sum(len(text) for _, text in clean), cue.start_ms, []
    for name, text in clean:
        end = start + (cue.end_ms - cue.start_ms) * len(text) / total
        voices.append(Cue(text, start, end, name))
        start = end
    return voices


def _words(cues: Sequence[Cue]) -> Iterator[Cue]:
    """Words of a file with inline times; lines that only repeat what rolled up are passed over."""
    recent: list[str] = []
    for cue in cues:
        rolling = _ROLLING_TAG in cue.text
        lines = cue.text.split("\n") if rolling or "<" not in cue.text else [cue.text]
        for line in lines:
            plain = strip_sounds(strip_markup(_INLINE_TIME.sub("", line)))
            timed = _INLINE_TIME.search(line) is not None
            if not plain or (not timed and plain in recent):
                continue
            recent = [*recent[1 - _RECENT_LINES :], plain]
            yield from _line_words(cue, line, rolling)


def _line_words(cue: Cue, line: str, rolling: bool) -> Iterator[Cue]:
    pieces = split_inline(line.replace("\n", " "))
    ends = [*(at for at, _ in pieces[1:]), cue.end_ms]
    voice: str | None = None
    for (at, marked), end in zip(pieces, ends, strict=True):
        found = _VOICE.search(marked)
        voice = html.unescape(found.group(1)) if found else voice
        text = strip_sounds(strip_markup(marked)).strip()
        start = cue.start_ms if at is None else at
        if not text or start is None:
            continue
        turn = text.startswith(">>")
        until = min(end, start + 2 * speaking_ms(text)) if rolling and end is not None else end
        yield from single_words(Cue(text.lstrip("> "), start, until, voice, turn=turn))


def _dump_cue(cue: Subtitle, timed: bool) -> str:
    times = f"{format_clock(cue.span.start_ms, '.')} --> {format_clock(cue.span.end_ms, '.')}"
    voice = f"<v {_escaped(_NOT_IN_NAMES.sub('', cue.speaker))}>" if cue.speaker else ""
    text = _stamped(cue) if timed else _escaped(cue.text)
    return f"{times}\n{voice}{text}\n"


def _stamped(cue: Subtitle) -> str:
    """Every word after the time it begins at; a time after it where silence follows."""
    reached = cue.span.start_ms
    lines = []
    for line in cue.lines:
        pieces: list[str] = []
        for word in line:
            if word.start_ms != reached:
                pieces.append(_stamp(reached))
            gap = " " if pieces and not pieces[-1].endswith(" ") else ""
            pieces.append(gap)
            pieces.append(_stamp(word.start_ms) + _escaped(word.text))
            reached = word.end_ms
        lines.append("".join(pieces))
    closing = _stamp(reached) if reached != cue.span.end_ms else ""
    return "\n".join(lines) + closing


def _stamp(at_ms: int) -> str:
    return f"<{format_clock(at_ms, '.')}>"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
