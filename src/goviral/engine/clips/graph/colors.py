"""Colours on the way from the source to the clip: 8-bit BT.709 at the end, whatever comes in. Pure."""

from goviral.engine.clips.plans.plan import Source

_HDR_TRANSFERS = {"smpte2084", "arib-std-b67"}
_HD_HEIGHT = 720


def is_hdr(source: Source) -> bool:
    """Does it need tone mapping? It is cropped and scaled in ten bits until then."""
    return source.color_transfer in _HDR_TRANSFERS


def column_step(source: Source) -> int:
    """The columns at which the source may be cut are multiples of this.

    ffmpeg's crop (n9.0) halves an odd column's offset in bytes, not in pixels: of 4:2:0 with two bytes a
    pixel it then reads colours from half a pixel to half the next, and everything is green and magenta.
    Rejected: 4:4:4 from the start, which costs 4K a fifth more CPU.
    """
    return 2 if is_hdr(source) else 1


def any_column(source: Source) -> list[str]:
    """What makes it safe to cut the picture at odd columns too: a step for the scale before it."""
    return ["format=yuv444p10le"] if is_hdr(source) else []


def overlay_format(source: Source) -> str:
    """What `overlay` works in, before tone mapping."""
    return "yuv420p10" if is_hdr(source) else "yuv420"


def even_picture(source: Source) -> str:
    """Square pixels, BT.709 in limited range, 4:2:0: whatever the source is, the layers see only this.

    Costs nothing where the source is so already. HDR keeps its ten bits until it is tone mapped.
    Done here because `overlay` asks for a format with alpha, and swscale (n9.0) refuses to convert
    matrix, size and alpha in one step.
    """
    scale = f"scale={source.width}:{source.height}:flags=bicubic"
    if is_hdr(source):
        return f"{scale},setsar=1,format=yuv420p10le"
    untold = f":in_color_matrix={_guessed_matrix(source)}" if not source.color_space else ""
    return f"{scale}{untold}:out_color_matrix=bt709:out_range=tv,setsar=1,format=yuv420p"


def _guessed_matrix(source: Source) -> str:
    """What players assume of a file that does not tell: HD is BT.709, anything smaller BT.601."""
    return "bt709" if min(source.width, source.height) >= _HD_HEIGHT else "smpte170m"


def tone_map(source: Source) -> list[str]:
    """Filters from what the layers made to 8-bit BT.709."""
    if not is_hdr(source):
        return ["format=yuv420p"]
    return [
        f"setparams=color_primaries=bt2020:color_trc={source.color_transfer}:colorspace=bt2020nc",
        "zscale=t=linear:npl=100",
        "format=gbrpf32le",
        "zscale=p=bt709",
        "tonemap=tonemap=hable:desat=0",
        "zscale=t=bt709:m=bt709:r=tv",
        "format=yuv420p",
    ]
