"""The pictures and films of a brand, looked into before any long work."""

from pathlib import Path
from typing import TYPE_CHECKING

from goviral.engine.clips.plans.plan import Bumper, Logo
from goviral.engine.clips.plans.source import loudness_of, source_of
from goviral.engine.media.loudness import loudness_gain
from goviral.engine.media.probe import probe
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.files import content_fingerprint
from goviral.kit.timecode import Span

if TYPE_CHECKING:
    from goviral.engine.media.ffmpeg import Ffmpeg

PICTURES = ("PNG", "JPEG", "WEBP")
_LARGEST_PIXELS = 40_000_000
_LONGEST_MS = 30_000


def read_logo(path: Path) -> Logo:
    """A picture that can be laid over a clip.

    Raises `NotFoundError`, and `InputError` for what is no PNG, JPEG or WebP, or too large.
    """
    from PIL import Image, UnidentifiedImageError

    if not path.is_file():
        raise NotFoundError(f"There is no picture {path}.", remedy="Check the path.")
    try:
        with Image.open(path, formats=PICTURES) as picture:
            pixels, aspect = picture.width * picture.height, picture.width / picture.height
            if pixels <= _LARGEST_PIXELS:
                picture.load()
    except Image.DecompressionBombError as error:
        raise _too_large(path) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError(
            f"{path.name} is not a picture that can be read.", remedy="Give a PNG, JPEG or WebP."
        ) from error
    if pixels > _LARGEST_PIXELS:
        raise _too_large(path)
    return Logo(str(path), content_fingerprint(path), aspect=round(aspect, 4))


def _too_large(path: Path) -> InputError:
    return InputError(
        f"{path.name} has too many pixels.", remedy=f"Give at most {_LARGEST_PIXELS:,}."
    )


def read_bumper(path: Path, name: str, ffmpeg: "Ffmpeg") -> Bumper:
    """An intro or outro, with the gain that makes it as loud as a clip.

    Raises what `probe` raises, and `InputError` for a film without a picture or of more than 30 s.
    """
    media = probe(path)
    if media.video is None:
        raise InputError(f"The {name} {path.name} has no picture.", remedy="Give a short film.")
    if media.duration_ms > _LONGEST_MS:
        raise InputError(
            f"The {name} {path.name} is {media.duration_ms / 1000:.0f} s long.",
            remedy=f"Give one of at most {_LONGEST_MS // 1000} s.",
        )
    span, sound = Span(0, media.duration_ms), media.audio
    found = loudness_gain(ffmpeg, path, span, stream=sound.index) if sound else None
    return Bumper(source_of(media), loudness_of(found) if found else None)
