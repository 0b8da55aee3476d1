"""B-roll laid over the framed picture, under the captions, on exact frames. Pure but for `prepare_stills`."""

from pathlib import Path

from goviral.engine.clips.graph.inputs import Inputs
from goviral.engine.clips.plans.plan import ClipPlan, Frame, Insert
from goviral.engine.media.ffmpeg import input_arguments
from goviral.kit.timecode import frame_count, seconds

_CORNER_WIDTH, _CORNER_HEIGHT = 0.40, 0.26
"""Of the frame: large enough to see, small enough to leave the speaker."""
_CORNER_X, _CORNER_Y = 0.055, 0.085
"""From the frame's right and top: clear of what the platforms draw there."""
_BORDER = 0.006
_EXTRA_S = 1
_LOOK = "setsar=1,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"


def insert_graph(
    plan: ClipPlan, folder: Path, into: str, out: str, inputs: Inputs
) -> tuple[str, ...]:
    """Filters from `[into]` to `[out]` that show the inserts of a plan as played; their files are added
    to `inputs`. Stills are expected where `prepare_stills` puts them."""
    filters: list[str] = []
    under = into
    for index, insert in enumerate(plan.inserts):
        first, end = frames_of(insert, plan)
        over = out if index == len(plan.inserts) - 1 else f"inserted{index}"
        x, y = _corner(plan.frame) if insert.mode == "corner" else ("0", "0")
        when = f"enable='between(n,{first},{end - 1})'"
        filters += [
            f"{_shown(insert, index, plan, folder, inputs)}[insert{index}]",
            f"[{under}][insert{index}]overlay={x}:{y}:format=yuv420:eof_action=repeat:{when}[{over}]",
        ]
        under = over
    return tuple(filters)


def frames_of(insert: Insert, plan: ClipPlan) -> tuple[int, int]:
    """The frames `[first, end)` of the played clip that show it, at least one."""
    fps = plan.frame.fps
    last = frame_count(plan.span.duration_ms, fps)
    first = min(max(0, round(insert.span.start_ms * fps / 1000)), last - 1)
    return first, min(last, max(first + 1, round(insert.span.end_ms * fps / 1000)))


def still_path(folder: Path, index: int) -> Path:
    """Where the still of insert number `index` is put."""
    return folder / f"insert-{index}.png"


def prepare_stills(plan: ClipPlan, folder: Path) -> None:
    """Write the plan's stills as PNG, upright and no larger than they are shown. `folder` has to exist.

    ffmpeg never reads a picture from outside itself, whatever its name says it is.
    """
    from PIL import Image, ImageOps

    for index, insert in enumerate(plan.inserts):
        if not insert.still:
            continue
        with Image.open(insert.path) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        size = (
            _box(plan.frame) if insert.mode == "corner" else (plan.frame.width, plan.frame.height)
        )
        ImageOps.fit(upright, size, Image.Resampling.LANCZOS).save(still_path(folder, index))


def _shown(insert: Insert, index: int, plan: ClipPlan, folder: Path, inputs: Inputs) -> str:
    """The insert as it lies on the frame, with the time stamps of the clip."""
    frame = plan.frame
    width, height = _box(frame) if insert.mode == "corner" else (frame.width, frame.height)
    # Cut to the shape before it is scaled: the other way round a film across costs three times as much.
    cover = (
        f"crop='min(iw,ih*{width}/{height}/sar)':'min(ih,iw*sar*{height}/{width})',"
        f"scale={width}:{height}:flags=bicubic"
    )
    look = f"{cover},{_LOOK}{_border(frame) if insert.mode == 'corner' else ''}"
    if insert.still:
        number = inputs.add("-i", f"file:{still_path(folder, index)}")
        return f"[{number}:v]{look}"
    first, end = frames_of(insert, plan)
    length_s = float((end - first) / frame.fps) + _EXTRA_S
    number = inputs.add(
        *(("-ss", seconds(insert.start_ms)) if insert.start_ms else ()),
        *("-threads", "1", "-t", f"{length_s:.3f}", "-an", "-sn", "-dn"),
        *input_arguments(Path(insert.path)),
    )
    # Not a frame more than is shown: `overlay` goes on for as long as either of its inputs does.
    length = f"fps={frame.fps}:start_time=0,trim=end_frame={end - first}"
    return f"[{number}:v:0]{length},{look},setpts=PTS+{first}"


def _box(frame: Frame) -> tuple[int, int]:
    """Width and height of a picture in the corner: 4:3, of the frame's own proportions at most."""
    width = min(frame.width * _CORNER_WIDTH, frame.height * _CORNER_HEIGHT * 4 / 3)
    return round(width / 2) * 2, round(width * 3 / 4 / 2) * 2


def _border(frame: Frame) -> str:
    line = max(2, round(min(frame.width, frame.height) * _BORDER / 2) * 2)
    return f",pad=iw+{2 * line}:ih+{2 * line}:{line}:{line}:white"


def _corner(frame: Frame) -> tuple[str, str]:
    x = round(frame.width * _CORNER_X / 2) * 2
    return f"W-w-{x}", str(round(frame.height * _CORNER_Y / 2) * 2)
