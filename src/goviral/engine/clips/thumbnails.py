"""Thumbnails: which frame sells the clip, and the still made of it."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.framing import canvas, crop_box, frame_picture, shot_at
from goviral.engine.clips.plan import ClipPlan, Frame, Layout, Shot
from goviral.engine.clips.safe_area import unit
from goviral.engine.clips.titles import draw_title, load_title_style, set_title
from goviral.engine.media.detector import find_detector
from goviral.engine.media.frames import frame_at
from goviral.kit.files import atomic_path
from goviral.kit.settings import load_settings
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from PIL.Image import Image

    from goviral.engine.media.detector import FaceBox
    from goviral.engine.media.look import Face, Look, Sighting

MAX_BYTES = 2_000_000
"""What YouTube accepts for a thumbnail, and more than the others need."""
_HOOK_MS = 8_000
_CUT_GUARD_MS = 150
_BEST_FACE = 0.33
_QUALITIES = (92, 88, 82, 74, 64, 50, 35, 20)
_SCRIM_FROM = 0.42
_SCRIM_DEPTH = 0.62


def choose_frame(look: "Look", clip_span: Span, frame: Frame, shots: tuple[Shot, ...]) -> int:
    """The moment of the clip, in milliseconds from its start, to show as its thumbnail.

    The sharpest sighting with a large, frontal, whole face inside the crop, the sooner the better;
    without faces the sharpest and richest picture. 0 where nothing was seen.
    """
    seen = [s for s in look.sightings if clip_span.contains(s.at_ms)]
    calm = [s for s in seen if not _near_cut(s.at_ms, look.cuts_ms)] or seen
    if not calm:
        return 0
    sharpest = max(s.sharpness for s in calm) or 1.0

    def score(sighting: "Sighting") -> tuple[float, int]:
        at_ms = sighting.at_ms - clip_span.start_ms
        worth = _face_worth(sighting, shots, at_ms) + 0.5 * sighting.sharpness / sharpest
        return worth * _nearness(at_ms, clip_span.duration_ms), -at_ms

    return max(calm, key=score).at_ms - clip_span.start_ms


def _near_cut(at_ms: int, cuts_ms: tuple[int, ...]) -> bool:
    return any(abs(at_ms - cut_ms) < _CUT_GUARD_MS for cut_ms in cuts_ms)


def _nearness(at_ms: int, duration_ms: int) -> float:
    """1 within the hook, falling to 0.6 at the end."""
    if at_ms <= _HOOK_MS:
        return 1.0
    return 1 - 0.4 * (at_ms - _HOOK_MS) / max(1, duration_ms - _HOOK_MS)


def _face_worth(sighting: "Sighting", shots: tuple[Shot, ...], at_ms: int) -> float:
    """0 without a face in the crop, to about 1.5 for a large, sure, frontal one."""
    shot = shot_at(shots, at_ms)
    box = crop_box(shot, at_ms) if shot and shot.layout is Layout.FOLLOW else None
    return max((_worth(face, box) for face in sighting.faces), default=0.0)


def _worth(face: "Face", box: tuple[float, float, float, float] | None) -> float:
    if box and _share_inside(face, box) < 0.9:
        return 0.0
    size = face.height / (box[3] - box[1]) if box else 0.2
    # A face a third of the frame high reads best on a phone; a larger one leaves no room for words.
    large = min(size / _BEST_FACE, 1.0) - max(0.0, size - _BEST_FACE)
    return 0.5 + large * 0.4 + min(1.0, face.score) * 0.3 + _frontal(face) * 0.3


def _share_inside(face: "Face", box: tuple[float, float, float, float]) -> float:
    left, top, right, bottom = box
    width = min(face.x + face.width, right) - max(face.x, left)
    height = min(face.y + face.height, bottom) - max(face.y, top)
    return max(0.0, width) * max(0.0, height) / max(1.0, face.width * face.height)


def _frontal(face: "Face") -> float:
    """1 where the mouth lies below the middle of the eyes, 0 in profile; a half where unknown."""
    if not face.eyes or not face.mouth:
        return 0.5
    (left, _), (right, _) = face.eyes
    apart = max(1.0, right - left)
    return max(0.0, 1 - 2 * abs(face.mouth[0] - (left + right) / 2) / apart)


def make_thumbnail(plan: ClipPlan, out: Path, *, title: str | None = None) -> None:
    """Write the plan's still as a JPEG of at most 2 MB, 1080 pixels on its shorter side or more.

    `title` None: the plan's own. Raises `InputError` when the frame cannot be read.
    """
    at_ms = plan.thumbnail.at_ms if plan.thumbnail else 0
    words = (plan.thumbnail.title if plan.thumbnail else "") if title is None else title
    frame = _large(plan.frame)
    picture = _picture(plan, at_ms, frame)
    if words.strip():
        language = plan.captions.language if plan.captions else "und"
        captions = set_title(words, load_title_style(), frame, language, _faces(picture))
        picture = draw_title(_scrim(picture), captions)
    with atomic_path(out) as partial:
        partial.write_bytes(encode_jpeg(picture))


def _large(frame: Frame) -> Frame:
    """The clip's shape, never smaller than 1080 on its shorter side."""
    scale = max(1.0, 1 / unit(frame))
    return replace(
        frame, width=round(frame.width * scale / 2) * 2, height=round(frame.height * scale / 2) * 2
    )


def _picture(plan: ClipPlan, at_ms: int, frame: Frame) -> "Image":
    from PIL import Image

    shot = shot_at(plan.shots, at_ms)
    if shot is None or shot.layout is Layout.CANVAS:
        return canvas(frame)
    source = Image.fromarray(frame_at(Path(plan.source.path), plan.span.start_ms + at_ms))
    return frame_picture(source, shot, at_ms, frame)


def _faces(picture: "Image") -> "tuple[FaceBox, ...]":
    """Faces in the finished still: where the crop put them, whatever the plan was made from."""
    import numpy as np

    detector = find_detector(load_settings())
    scale = detector.input_width / picture.width
    small = picture.resize((detector.input_width, round(picture.height * scale)))
    return tuple(
        replace(
            face,
            x=face.x / scale,
            y=face.y / scale,
            width=face.width / scale,
            height=face.height / scale,
        )
        for face in detector.detect(np.asarray(small))
    )


def _scrim(picture: "Image") -> "Image":
    """Darken towards the bottom, so that light words stand on any picture."""
    from PIL import Image

    width, height = picture.size
    ramp = Image.linear_gradient("L").resize((width, round(height * (1 - _SCRIM_FROM))))
    mask = Image.new("L", picture.size)
    mask.paste(ramp.point(lambda value: round(value * _SCRIM_DEPTH)), (0, height - ramp.height))
    return Image.composite(Image.new("RGB", picture.size), picture, mask)


def encode_jpeg(picture: "Image") -> bytes:
    """The best quality that stays below `MAX_BYTES`."""
    encoded = b""
    for quality in _QUALITIES:
        buffer = BytesIO()
        picture.convert("RGB").save(buffer, "JPEG", quality=quality, subsampling=0)
        encoded = buffer.getvalue()
        if len(encoded) <= MAX_BYTES:
            break
    return encoded
