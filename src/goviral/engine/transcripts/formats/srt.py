"""SubRip: numbered cues, `00:00:01,000 --> 00:00:02,000`, text, an empty line."""

from typing_extensions import override

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.clock import Timing, format_clock, parse_timing
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Source, WritableFormat
from goviral.engine.transcripts.labels import is_plain_label
from goviral.engine.transcripts.markup import strip_markup, strip_sounds
from goviral.engine.transcripts.subtitles import Subtitle, subtitles
from goviral.kit.errors import InputError


class Srt(WritableFormat):
    """Lenient: numbers may be missing or wrong, empty lines may be missing or too many."""

    name = "srt"
    extensions = (".srt",)

    @override
    def recognises(self, source: Source) -> bool:
        return any(parse_timing(line) for line in source.text.split("\n"))

    @override
    def parse(self, source: Source) -> Transcript:
        cues = _cues(source.text)
        if not cues:
            raise InputError(
                "There is no timed line in that SRT file.", remedy="Export it again, with times."
            )
        return build_transcript(sentences=cues, language=source.language, engine=self.name)

    @override
    def dump(self, transcript: Transcript) -> str:
        return "".join(
            f"{number}\n{_times(cue)}\n{labelled(cue)}\n\n"
            for number, cue in enumerate(subtitles(transcript), 1)
        )


def labelled(cue: Subtitle) -> str:
    """The text with its speaker written before it where a new one begins.

    In capitals, as subtitlers do: that is what readers of such files take for a name.
    """
    if not cue.new_turn:
        return cue.text
    name = (cue.speaker or "").upper()
    readable = is_plain_label(name) and not cue.text.isupper()
    return f"{name}: {cue.text}" if readable else f">> {cue.text}"


def _times(cue: Subtitle) -> str:
    return f"{format_clock(cue.span.start_ms, ',')} --> {format_clock(cue.span.end_ms, ',')}"


def _cues(text: str) -> list[Cue]:
    """Whatever stands between two timing lines is the first one's text, less the next number."""
    cues: list[Cue] = []
    timing: Timing | None = None
    lines: list[str] = []
    for line in text.split("\n"):
        following = parse_timing(line)
        if following is None:
            lines.append(line)
            continue
        if timing is not None:
            cues.append(_cue(timing, _without_number(lines)))
        timing, lines = following, []
    return [*cues, _cue(timing, lines)] if timing is not None else []


def _without_number(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines.pop()
    if lines and lines[-1].strip().isdigit():
        lines.pop()
    return lines


def _cue(timing: Timing, lines: list[str]) -> Cue:
    text = strip_sounds(strip_markup("\n".join(line for line in lines if line.strip())))
    return Cue(text, timing[0], timing[1])
