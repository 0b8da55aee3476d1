"""The H.264 encoders a clip may be written with: x264 everywhere, and what graphics hardware offers.

x264 is the default: the same plan gives the same picture on every machine, and at the same size it looks
better. Hardware takes the encoding, most of a clip's CPU time, off the processor.
"""

from dataclasses import dataclass
from fractions import Fraction

CRF = 20
"""With `veryfast`: SSIM 0.989 at a third of the CPU of `medium`; better than two encodes at CRF 16 + 19."""
PRESET = "veryfast"
_PREVIEW_PRESET = "superfast"
_PREVIEW_CRF = 26
ENCODER_THREADS = 3
"""The same on every machine: x264's picture depends on their number. A fourth costs 25 MB more."""
_REPEATABLE = ("-x264-params", "sync-lookahead=0")
"""Without it x264 with several threads chooses frame types by what its look-ahead happens to have reached:
on a busy machine the same plan gave four different pictures in eight runs. It also saves 30 MB."""
_KEY_FRAME_S = 2
_BT709 = "colour_primaries=1:transfer_characteristics=1:matrix_coefficients=1"
_TAGGED = ("-bsf:v", f"h264_metadata={_BT709}:video_full_range_flag=0")


@dataclass(frozen=True, slots=True)
class Encoder:
    """One of ffmpeg's encoders and how it reaches about the quality of `CRF`.

    `device` goes before the first input; `upload` are filters that hand the finished picture over.
    """

    name: str
    codec: str
    quality: tuple[str, ...]
    pix_fmt: str = "yuv420p"
    device: tuple[str, ...] = ()
    upload: str = ""
    hardware: bool = True


X264 = Encoder("x264", "libx264", (), hardware=False)
ENCODERS: dict[str, Encoder] = {
    one.name: one
    for one in (
        X264,
        Encoder(
            "nvenc",
            "h264_nvenc",
            ("-preset", "p5", "-tune", "hq", "-rc", "vbr", "-cq", "23", "-b:v", "0"),
        ),
        Encoder("qsv", "h264_qsv", ("-preset", "medium", "-global_quality", "22"), "nv12"),
        Encoder(
            "vaapi",
            "h264_vaapi",
            ("-rc_mode", "CQP", "-qp", "22"),
            pix_fmt="",
            device=("-vaapi_device", "/dev/dri/renderD128"),
            upload="format=nv12,hwupload",
        ),
        Encoder("videotoolbox", "h264_videotoolbox", ("-q:v", "60"), "nv12"),
    )
}
"""In the order `auto` tries the hardware ones."""


def video_arguments(
    encoder: Encoder, fps: Fraction, *, threads: int, preview: bool = False
) -> tuple[str, ...]:
    """ffmpeg's output options; the frames come as they are timed."""
    shared = ("-g", str(round(fps * _KEY_FRAME_S)), "-fps_mode", "passthrough")
    if not encoder.hardware:
        preset, crf = (_PREVIEW_PRESET, _PREVIEW_CRF) if preview else (PRESET, CRF)
        return (
            *("-c:v", encoder.codec, "-preset", preset, "-crf", str(crf)),
            *("-profile:v", "high", "-pix_fmt", encoder.pix_fmt, "-threads", str(threads)),
            *_REPEATABLE,
            *shared,
        )
    # Drivers differ in what they write about colours; the stream is told what is true of it.
    formatted = ("-pix_fmt", encoder.pix_fmt) if encoder.pix_fmt else ()
    return (
        *("-c:v", encoder.codec, *encoder.quality, "-profile:v", "high", *formatted),
        *_TAGGED,
        *shared,
    )
