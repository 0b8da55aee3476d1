"""OpenTimelineIO: all clips on one timeline, the picture's layers as tracks, the sound below.

OTIO has no word for a moving crop: it stands in each clip's metadata and as an effect `goviral.crop`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from goviral.engine.clips.exports.cut_list import CutClip, CutList, Layer, Piece

if TYPE_CHECKING:
    import opentimelineio


def otio(cuts: CutList) -> str:
    """The timeline as OTIO's own JSON."""
    text: str = timeline(cuts).to_json_string(indent=2)
    return text + "\n"


def timeline(cuts: CutList) -> "opentimelineio.schema.Timeline":
    """The timeline as OTIO objects: a video track a layer, an audio track, a marker a clip."""
    import opentimelineio as oti

    depth = max(len(piece.layers) for clip in cuts.clips for piece in clip.pieces)
    line = oti.schema.Timeline(cuts.name)
    for level in range(depth):
        track = oti.schema.Track(f"V{level + 1}", kind=oti.schema.TrackKind.Video)
        track.extend(_pictures(cuts, level))
        line.tracks.append(track)
    if any(clip.source.audio_stream is not None for clip in cuts.clips):
        track = oti.schema.Track("A1", kind=oti.schema.TrackKind.Audio)
        track.extend(_sounds(cuts))
        line.tracks.append(track)
    line.tracks.markers.extend(_markers(cuts))
    line.metadata["goviral"] = {"clips": [clip.name for clip in cuts.clips]}
    return line


def _pictures(cuts: CutList, level: int) -> "list[Any]":
    return [
        _clip(cuts, clip, piece, piece.layers[level])
        if level < len(piece.layers)
        else _gap(clip, piece)
        for clip in cuts.clips
        for piece in clip.pieces
    ]


def _sounds(cuts: CutList) -> "list[Any]":
    return [
        _gap(clip, piece) if clip.source.audio_stream is None else _clip(cuts, clip, piece, None)
        for clip in cuts.clips
        for piece in clip.pieces
    ]


def _clip(cuts: CutList, clip: CutClip, piece: Piece, layer: Layer | None) -> "Any":
    import opentimelineio as oti

    start = cuts.start_of(clip)
    length = max(
        round(clip.source.duration_ms * clip.fps / 1000), piece.source_start + piece.frames
    )
    media = oti.schema.ExternalReference(
        target_url=Path(clip.source.path).absolute().as_uri(),
        available_range=_range(start, length, clip),
    )
    made = oti.schema.Clip(
        name=clip.title or clip.name,
        media_reference=media,
        source_range=_range(start + piece.source_start, piece.frames, clip),
    )
    made.metadata["goviral"] = {"clip": clip.name, "layout": piece.layout.value}
    if layer:
        crop = crop_fields(clip, layer)
        made.metadata["goviral"]["crop"] = crop
        effect = oti.schema.Effect(name="Crop", effect_name="goviral.crop", metadata=crop)
        made.effects.append(effect)
    return made


def crop_fields(clip: CutClip, layer: Layer) -> dict[str, Any]:
    """The crop as plain numbers: pixels, and frames counted from the first of the piece."""
    place = layer.place
    return {
        "source_size": [clip.source.width, clip.source.height],
        "frame_size": [clip.frame.width, clip.frame.height],
        "place": [place.x, place.y, place.width, place.height],
        "keys": [
            {"frame": k.frame, "crop": [k.crop.x, k.crop.y, k.crop.width, k.crop.height]}
            for k in layer.keys
        ],
    }


def _gap(clip: CutClip, piece: Piece) -> "Any":
    import opentimelineio as oti

    return oti.schema.Gap(source_range=_range(0, piece.frames, clip))


def _markers(cuts: CutList) -> "list[Any]":
    import opentimelineio as oti

    markers, at = [], 0
    for clip in cuts.clips:
        named = oti.schema.Marker(name=clip.title or clip.name)
        named.marked_range = _range(at, clip.frames, clip)
        markers.append(named)
        for mark in clip.marks:
            told = oti.schema.Marker(name=mark.text)
            told.marked_range = _range(at + mark.frame, mark.frames, clip)
            markers.append(told)
        at += clip.frames
    return markers


def _range(start: int, frames: int, clip: CutClip) -> "Any":
    import opentimelineio as oti

    rate = float(clip.fps)
    return oti.opentime.TimeRange(
        oti.opentime.RationalTime(start, rate), oti.opentime.RationalTime(frames, rate)
    )
