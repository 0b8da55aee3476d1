"""The rules of Final Cut's XML 1.10 that our documents can break, after Apple's published DTD.

Children are one letter each, so that an element's content model is a regular expression.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree

Element = ElementTree.Element

_LETTERS = {
    "resources": "R", "library": "L", "event": "E", "project": "P", "sequence": "S", "spine": "s",
    "format": "f", "asset": "a", "media-rep": "m", "asset-clip": "c", "gap": "g", "caption": "t",
    "adjust-crop": "K", "adjust-transform": "T", "adjust-volume": "V", "marker": "M", "text": "x",
    "text-style": "y", "text-style-def": "d", "param": "p", "keyframeAnimation": "A", "keyframe": "k",
    "trim-rect": "r",
}  # fmt: skip
_CONTENT = {
    "fcpxml": "RL", "resources": "[fa]*", "library": "E*", "event": "P*", "project": "S",
    "sequence": "s", "spine": "[cg]*", "format": "", "asset": "m+", "media-rep": "",
    "asset-clip": "K?T?V?[ct]*M*", "gap": "[ct]*M*", "caption": "x*d*", "text": "y*",
    "text-style-def": "y", "text-style": "", "adjust-crop": "r?", "trim-rect": "p*",
    "adjust-transform": "p*", "adjust-volume": "", "param": "A?", "keyframeAnimation": "k*",
    "keyframe": "", "marker": "",
}  # fmt: skip
_REQUIRED = {
    "fcpxml": {"version"}, "format": {"id"}, "asset": {"id"}, "media-rep": {"src"},
    "sequence": {"format"}, "asset-clip": {"ref"}, "gap": {"duration"}, "caption": {"duration"},
    "marker": {"start", "value"}, "param": {"name"}, "keyframe": {"time", "value"},
    "text-style-def": {"id"}, "adjust-crop": {"mode"},
}  # fmt: skip
_OPTIONAL = {
    "event": {"name", "uid"}, "project": {"name", "uid", "id", "modDate"},
    "format": {"name", "frameDuration", "fieldOrder", "width", "height", "colorSpace"},
    "asset": {
        "name", "uid", "start", "duration", "hasVideo", "format", "hasAudio", "videoSources",
        "audioSources", "audioChannels", "audioRate",
    },
    "media-rep": {"kind", "sig"},
    "sequence": {"duration", "tcStart", "tcFormat", "audioLayout", "audioRate"},
    "asset-clip": {
        "lane", "offset", "name", "start", "duration", "enabled", "srcEnable", "format", "tcFormat",
        "audioRole", "videoRole",
    },
    "gap": {"name", "offset", "start"},
    "caption": {"lane", "offset", "name", "start", "enabled", "role"},
    "text": {"placement"},
    "text-style": {"ref", "font", "fontSize", "fontFace", "fontColor", "backgroundColor"},
    "adjust-transform": {"position", "scale"}, "adjust-volume": {"amount"},
    "trim-rect": {"left", "top", "right", "bottom"}, "marker": {"duration"}, "param": {"value"},
    "keyframe": {"interp", "curve"},
}  # fmt: skip
_CHOICES = {
    ("asset-clip", "srcEnable"): {"all", "audio", "video"},
    ("asset-clip", "tcFormat"): {"DF", "NDF"},
    ("sequence", "tcFormat"): {"DF", "NDF"},
    ("sequence", "audioLayout"): {"mono", "stereo", "surround"},
    ("sequence", "audioRate"): {"32k", "44.1k", "48k", "88.2k", "96k", "176.4k", "192k"},
    ("adjust-crop", "mode"): {"trim", "crop", "pan"},
    ("media-rep", "kind"): {"original-media", "proxy-media"},
    ("text", "placement"): {"left", "right", "top", "bottom"},
}
_TIMES = {"offset", "start", "duration", "time", "tcStart", "frameDuration"}


def faults(text: str) -> list[str]:
    """Everything in a document that Final Cut would refuse; empty where nothing is."""
    root = ElementTree.fromstring(text)
    found = ["no doctype"] if "<!DOCTYPE fcpxml>" not in text else []
    found += ["not version 1.10"] if root.get("version") != "1.10" else []
    return [*found, *(fault for e in root.iter() for fault in _element(e)), *_references(root)]


def _element(element: Element) -> Iterator[str]:
    tag = element.tag
    children = "".join(_LETTERS[child.tag] for child in element)
    if not re.fullmatch(_CONTENT[tag], children):
        yield f"{tag}: children {children!r} do not follow {_CONTENT[tag]!r}"
    known = _REQUIRED.get(tag, set()) | _OPTIONAL.get(tag, set())
    yield from (f"{tag}: no {name}" for name in _REQUIRED.get(tag, set()) - set(element.keys()))
    yield from (f"{tag}: unknown {name}" for name in set(element.keys()) - known)
    for name, value in element.items():
        allowed = _CHOICES.get((tag, name))
        if allowed and value not in allowed:
            yield f"{tag}: {name}={value}"
        if name in _TIMES and seconds(value) is None:
            yield f"{tag}: {name}={value} is no time"


def _references(root: Element) -> Iterator[str]:
    ids = [element.get("id", "") for element in root.iter() if element.get("id")]
    yield from {f"id {one} twice" for one in ids if ids.count(one) > 1}
    yield from (f"id {one} is no name" for one in ids if not re.fullmatch(r"[A-Za-z_][\w.-]*", one))
    for element in root.iter():
        for name in ("ref", "format"):
            target = element.get(name)
            if target and target not in ids:
                yield f"{element.tag}: {name}={target} leads nowhere"


def seconds(text: str) -> Fraction | None:
    """A time: whole or rational seconds, 64 bits over 32."""
    match = re.fullmatch(r"(-?\d+)(?:/(\d+))?s", text)
    if not match:
        return None
    numerator, denominator = int(match.group(1)), int(match.group(2) or 1)
    if not 0 < denominator < 2**31 or abs(numerator) >= 2**63:
        return None
    return Fraction(numerator, denominator)
