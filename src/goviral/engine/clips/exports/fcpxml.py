"""Final Cut Pro's XML, version 1.10: an event with a project for each clip. Pure.

The crop is a transform with key frames, so the editor can move it; the words are SRT captions. Times are
fractions of seconds on frame boundaries, as Apple's reference asks. Positions are percent of the frame's
height, upwards; a scale of 1 fits the source into the frame ("conform: fit").
Position key frames have no interpolation attributes: Final Cut ignores a parameter that has them.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

from goviral.engine.clips.exports.cut_list import CutClip, CutList, Layer, Piece
from goviral.engine.clips.exports.fcpxml_framing import framing, number, time
from goviral.engine.transcripts.subtitles import Subtitle, subtitles
from goviral.kit.timecode import frame_at

Element = ElementTree.Element

VERSION = "1.10"
_CAPTION_START = "3600s"
_COLOR_SPACE = "1-1-1 (Rec. 709)"
_CAPTION_LANE = 20


def fcpxml(cuts: CutList) -> str:
    """The document, with its doctype."""
    root = Element("fcpxml", version=VERSION)
    resources = ElementTree.SubElement(root, "resources")
    library = ElementTree.SubElement(root, "library")
    event = ElementTree.SubElement(library, "event", name=cuts.name)
    known = _Resources(resources, cuts)
    for index, clip in enumerate(cuts.clips):
        event.append(_project(clip, known, cuts.start_of(clip), index))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n{text}\n'


class _Resources:
    """Formats and assets, each written once, by what they say."""

    def __init__(self, element: Element, cuts: CutList) -> None:
        self._element = element
        self._cuts = cuts
        self._ids: dict[tuple[object, ...], str] = {}

    def format(self, width: int, height: int, fps: Fraction) -> str:
        key = ("format", width, height, fps)
        if key not in self._ids:
            ElementTree.SubElement(
                self._element,
                "format",
                id=self._new(key),
                frameDuration=time(1, fps),
                width=str(width),
                height=str(height),
                colorSpace=_COLOR_SPACE,
            )
        return self._ids[key]

    def asset(self, clip: CutClip) -> str:
        source, facts = clip.source, self._cuts.facts_of(clip)
        key = ("asset", source.path)
        if key in self._ids:
            return self._ids[key]
        fields = {"hasVideo": "1", "videoSources": "1"} if source.video_stream is not None else {}
        if source.video_stream is not None:
            fields["format"] = self.format(source.width, source.height, source.fps)
        if source.audio_stream is not None:
            fields |= {"hasAudio": "1", "audioSources": "1"}
            fields |= {"audioChannels": str(facts.channels), "audioRate": str(facts.rate_hz)}
        length = max([round(source.duration_ms * clip.fps / 1000), *_ends(self._cuts, clip)])
        about = {
            "id": self._new(key),
            "name": Path(source.path).stem,
            "start": time(self._cuts.start_of(clip), clip.fps),
            "duration": time(length, clip.fps),
        }
        asset = ElementTree.SubElement(self._element, "asset", about | fields)
        uri = Path(source.path).absolute().as_uri()
        ElementTree.SubElement(asset, "media-rep", kind="original-media", src=uri)
        return self._ids[key]

    def _new(self, key: tuple[object, ...]) -> str:
        self._ids[key] = f"r{len(self._ids) + 1}"
        return self._ids[key]


def _ends(cuts: CutList, clip: CutClip) -> list[int]:
    """Where the clips of one source end in it: a container may tell a length that is too short."""
    return [
        piece.source_start + piece.frames
        for other in cuts.clips
        if other.source.path == clip.source.path
        for piece in other.pieces
    ]


def _project(clip: CutClip, known: _Resources, source_start: int, index: int) -> Element:
    project = Element("project", name=clip.title or clip.name)
    sequence = ElementTree.SubElement(
        project,
        "sequence",
        format=known.format(clip.frame.width, clip.frame.height, clip.fps),
        duration=time(clip.frames, clip.fps),
        tcStart="0s",
        tcFormat="NDF",
        audioLayout="stereo",
        audioRate="48k",
    )
    spine = ElementTree.SubElement(sequence, "spine")
    ref, cues = known.asset(clip), list(subtitles(clip.words))
    for piece in clip.pieces:
        start = source_start + piece.source_start
        element = _story(clip, piece, ref, start)
        element.extend(_captions(clip, piece, cues, _local(clip, start), index))
        element.extend(_markers(clip, piece, _local(clip, start)))
        spine.append(element)
    return project


def _local(clip: CutClip, start: int) -> int:
    """Where a story element's own time begins: a gap counts from 0, a clip as its media does."""
    return 0 if clip.source.video_stream is None else start


def _story(clip: CutClip, piece: Piece, ref: str, start: int) -> Element:
    """A piece on the main storyline, its further layers connected to it."""
    fps = clip.fps
    offset, length = time(piece.start, fps), time(piece.frames, fps)
    if clip.source.video_stream is None:
        gap = Element("gap", name=clip.name, offset=offset, start="0s", duration=length)
        gap.append(_asset_clip(clip, piece, ref, start, lane=-1, offset="0s"))
        return gap
    first, *more = piece.layers
    element = _asset_clip(clip, piece, ref, start, lane=0, offset=offset, layer=first)
    for lane, layer in enumerate(more, 1):
        element.append(
            _asset_clip(clip, piece, ref, start, lane=lane, offset=time(start, fps), layer=layer)
        )
    return element


def _asset_clip(
    clip: CutClip,
    piece: Piece,
    ref: str,
    start: int,
    *,
    lane: int,
    offset: str,
    layer: Layer | None = None,
) -> Element:
    heard = lane <= 0 and clip.source.audio_stream is not None
    element = Element("asset-clip", ref=ref)
    if lane:
        element.set("lane", str(lane))
    fields = {
        "offset": offset,
        "name": clip.name,
        "start": time(start, clip.fps),
        "duration": time(piece.frames, clip.fps),
        "tcFormat": "NDF",
        "srcEnable": "all" if lane == 0 else ("audio" if lane < 0 else "video"),
    }
    for name, value in fields.items():
        element.set(name, value)
    if layer:
        element.extend(framing(clip, layer, start))
    if heard and clip.gain_db:
        ElementTree.SubElement(element, "adjust-volume", amount=f"{number(clip.gain_db)}dB")
    return element


def _captions(
    clip: CutClip, piece: Piece, cues: "list[Subtitle]", local: int, project: int
) -> Iterator[Element]:
    """The cues that begin in this piece, on whole frames, none over the next."""
    language = clip.words.language if clip.words.language != "und" else "en"
    starts = [frame_at(cue.span.start_ms, clip.fps) for cue in cues]
    for index, cue in enumerate(cues):
        if not piece.start <= starts[index] < piece.end:
            continue
        last = starts[index + 1] if index + 1 < len(cues) else clip.frames
        end = min(frame_at(cue.span.end_ms, clip.fps), last, clip.frames)
        frames = max(1, end - starts[index])
        yield _caption(
            " ".join(cue.text.split()),
            offset=time(local + starts[index] - piece.start, clip.fps),
            duration=time(frames, clip.fps),
            language=language,
            style=f"ts{project + 1}-{index + 1}",
        )


def _caption(text: str, *, offset: str, duration: str, language: str, style: str) -> Element:
    caption = Element(
        "caption",
        lane=str(_CAPTION_LANE),
        offset=offset,
        name=text[:40],
        start=_CAPTION_START,
        duration=duration,
        role=f"SRT?captionFormat=SRT.{language}",
    )
    words = ElementTree.SubElement(caption, "text", placement="bottom")
    ElementTree.SubElement(words, "text-style", ref=style).text = text
    definition = ElementTree.SubElement(caption, "text-style-def", id=style)
    ElementTree.SubElement(
        definition,
        "text-style",
        font=".AppleSystemUIFont",
        fontSize="13",
        fontFace="Regular",
        fontColor="1 1 1 1",
        backgroundColor="0 0 0 1",
    )
    return caption


def _markers(clip: CutClip, piece: Piece, local: int) -> Iterator[Element]:
    for mark in clip.marks:
        if piece.start <= mark.frame < piece.end:
            yield Element(
                "marker",
                start=time(local + mark.frame - piece.start, clip.fps),
                duration=time(1, clip.fps),
                value=mark.text,
            )
