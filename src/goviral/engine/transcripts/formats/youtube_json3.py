"""YouTube's json3 captions, as yt-dlp saves them.

Recognised speech comes as events of word segments with offsets, interleaved with events that only
break the line (`aAppend`); hand-made captions come as events of one whole segment.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from typing_extensions import override

from goviral.engine.transcripts.build import build_transcript
from goviral.engine.transcripts.captions import single_words
from goviral.engine.transcripts.cue import Cue
from goviral.engine.transcripts.document import Transcript
from goviral.engine.transcripts.format import Format, Source
from goviral.engine.transcripts.markup import strip_markup, strip_sounds
from goviral.engine.transcripts.mending import speaking_ms
from goviral.engine.transcripts.payload import number_of, rows, text_of


class YoutubeJson3(Format):
    """Words where the captions were recognised, sentences where a person wrote them."""

    name = "youtube_json3"
    extensions = (".json3",)

    @override
    def recognises(self, source: Source) -> bool:
        return isinstance(source.value, dict) and isinstance(source.value.get("events"), list)

    @override
    def parse(self, source: Source) -> Transcript:
        events = [e for e in rows(source.value["events"]) if not e.get("aAppend")]
        recognised = any("tOffsetMs" in seg for event in events for seg in rows(event.get("segs")))
        if recognised:
            words = [word for event in events for word in _words(event)]
            return build_transcript(words=_ended(words), language=source.language, engine=self.name)
        cues = [_cue(event) for event in events]
        return build_transcript(sentences=cues, language=source.language, engine=self.name)


def _words(event: Mapping[str, Any]) -> Iterator[Cue]:
    start = number_of(event.get("tStartMs"))
    length = number_of(event.get("dDurationMs"))
    if start is None:
        return
    segments = [(_offset(seg), _text(seg), seg) for seg in rows(event.get("segs"))]
    segments = [(offset, text, seg) for offset, text, seg in segments if text]
    if not segments:
        return
    event_end = None if length is None else start + length
    ends = [*(start + offset for offset, _, _ in segments[1:]), event_end]
    for (offset, text, seg), end in zip(segments, ends, strict=True):
        turn = text.startswith(">>")
        word = Cue(text.lstrip("> "), start + offset, end, None, _probability(seg), turn)
        if word.text:
            yield from single_words(word)


def _ended(words: list[Cue]) -> list[Cue]:
    """Each word ends where the next begins, or as soon as it can have been said.

    json3 tells no ends: an event lasts as long as its line is on screen, over the next ones.
    """
    ended = []
    for word, following in zip(words, [*words[1:], None], strict=True):
        assert word.start_ms is not None
        end = word.start_ms + 2 * speaking_ms(word.text)
        for limit in (word.end_ms, following.start_ms if following else None):
            if limit is not None and limit > word.start_ms:
                end = min(end, limit)
        ended.append(Cue(word.text, word.start_ms, end, word.speaker, word.probability, word.turn))
    return ended


def _cue(event: Mapping[str, Any]) -> Cue:
    start, length = number_of(event.get("tStartMs")), number_of(event.get("dDurationMs"))
    text = "".join(text_of(seg.get("utf8")) for seg in rows(event.get("segs")))
    end = start + length if start is not None and length is not None else None
    return Cue(strip_sounds(strip_markup(text)), start, end)


def _text(segment: Mapping[str, Any]) -> str:
    return strip_sounds(strip_markup(text_of(segment.get("utf8")))).strip()


def _offset(segment: Mapping[str, Any]) -> float:
    return number_of(segment.get("tOffsetMs")) or 0


def _probability(segment: Mapping[str, Any]) -> float | None:
    confidence = number_of(segment.get("acAsrConf"))
    return confidence / 255 if confidence else None
