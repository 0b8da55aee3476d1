"""A crop in Final Cut's words: a transform that moves and scales the source under the frame. Pure.

Positions are percent of the frame's height, upwards; a scale of 1 fits the source into the frame. What is
trimmed away is percent of the source's height on every side. A position's key frames have no
interpolation attributes: Final Cut ignores a parameter that has them.
"""

from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree

from goviral.engine.clips.exports.cut_list import CutClip, Key, Layer, Rect

Element = ElementTree.Element

_SIDES = ("left", "top", "right", "bottom")


def time(frames: int, fps: Fraction) -> str:
    """Frames as a rational number of seconds: `30030` frames of 30000/1001 are `30060030/30000s`."""
    seconds = frames / fps
    if seconds.denominator == 1:
        return f"{seconds.numerator}s"
    return f"{frames * fps.denominator}/{fps.numerator}s"


def framing(clip: CutClip, layer: Layer, start: int) -> Iterator[Element]:
    """Trim to the layer's part of the source where it does not fill the frame, then move and scale."""
    whole = Rect(0, 0, clip.frame.width, clip.frame.height)
    if layer.place != whole and layer.keys[0].crop != _source(clip):
        yield _trim(clip, layer, start)
    first = layer.keys[0]
    transform = Element(
        "adjust-transform",
        position=position(clip, layer.place, first.crop),
        scale=scale(clip, layer.place, first.crop),
    )
    if layer.moves:
        values = [(key, position(clip, layer.place, key.crop)) for key in layer.keys]
        transform.append(_animated("position", values, clip, start))
    yield transform


def _source(clip: CutClip) -> Rect:
    return Rect(0, 0, clip.source.width, clip.source.height)


def position(clip: CutClip, place: Rect, crop: Rect) -> str:
    """How far the source's middle is moved from the frame's, so that the crop lies in its place."""
    enlarged = place.width / crop.width
    source, frame = _source(clip), Rect(0, 0, clip.frame.width, clip.frame.height)
    (px, py), (fx, fy), (sx, sy), (cx, cy) = (rect.center for rect in (place, frame, source, crop))
    x = px - fx + (sx - cx) * enlarged
    y = py - fy + (sy - cy) * enlarged
    return f"{number(x * 100 / frame.height)} {number(-y * 100 / frame.height)}"


def scale(clip: CutClip, place: Rect, crop: Rect) -> str:
    """How much larger than fitted into the frame."""
    fitted = min(clip.frame.width / clip.source.width, clip.frame.height / clip.source.height)
    value = number(place.width / crop.width / fitted)
    return f"{value} {value}"


def _trim(clip: CutClip, layer: Layer, start: int) -> Element:
    """What of the source is cut away at each side, in percent of its height."""
    adjust = Element("adjust-crop", mode="trim")
    sides = {side: [(key, _side(clip, key.crop, side)) for key in layer.keys] for side in _SIDES}
    rect = ElementTree.SubElement(adjust, "trim-rect")
    for side, values in sides.items():
        rect.set(side, values[0][1])
        if layer.moves:
            rect.append(_animated(side, values, clip, start))
    return adjust


def _side(clip: CutClip, crop: Rect, side: str) -> str:
    cut = {
        "left": crop.x,
        "top": crop.y,
        "right": clip.source.width - crop.x - crop.width,
        "bottom": clip.source.height - crop.y - crop.height,
    }[side]
    return number(cut * 100 / clip.source.height)


def _animated(name: str, values: list[tuple[Key, str]], clip: CutClip, start: int) -> Element:
    param = Element("param", name=name)
    animation = ElementTree.SubElement(param, "keyframeAnimation")
    for key, value in values:
        at = time(start + key.frame, clip.fps)
        ElementTree.SubElement(animation, "keyframe", time=at, value=value)
    return param


def number(value: float) -> str:
    """Plain, short, without an exponent."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
