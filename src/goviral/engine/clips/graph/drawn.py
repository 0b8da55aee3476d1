"""The picture of a clip that has only sound: a dark ground and bars that move with the voice. Pure."""

from goviral.engine.clips.graph.cutting import Cut
from goviral.engine.clips.plans.plan import ClipPlan

CANVAS_TOP = (38, 34, 66)
CANVAS_BOTTOM = (12, 12, 20)
_COLOR = "#FFD60A"
_BARS = 31
_BAR_SHARE = 0.5
_WIDTH = 0.72
_HEIGHT = 0.20
_CENTER_Y = 0.40
_BOOST_DB = 8


def drawn_graph(plan: ClipPlan, cut: Cut, heard: str, out: str) -> tuple[str, ...]:
    """Filters from the clip's sound `[heard]` to its picture `[out]`."""
    frame = plan.frame
    step = max(2, round(frame.width * _WIDTH / _BARS))
    width, height = step * _BARS, max(4, round(frame.height * _HEIGHT / 2) * 2)
    gap = step - max(1, round(step * _BAR_SHARE))
    color = (plan.captions.style.active_color if plan.captions else _COLOR)[:7]
    tall = round(36 * frame.height / frame.width)
    # A ramp drawn once and shown for ever: `gradients` chooses its own length anew on every run.
    ground = (
        f"color=c=black:s=36x{tall}:r={cut.fps},trim=end_frame=1,format=gbrp,"
        f"geq={_ramp(tall)},loop=-1:1:0,setpts=N/({cut.fps})/TB"
    )
    size = f"{frame.width}:{frame.height}"
    wave = (
        f"aformat=channel_layouts=mono,volume={_BOOST_DB}dB,"
        f"showwaves=s={_BARS}x{height // 2}:mode=cline:scale=sqrt:draw=full:colors=white:rate={cut.fps},setpts=PTS-STARTPTS"
    )
    stretch = f"scale={size}:flags=bicubic:out_color_matrix=bt709,setsar=1,format=yuv420p"
    bars = f"scale={width}:{height}:flags=neighbor,drawgrid=x={-gap}:w={step}:h={2 * height}:t={gap}:c=black"
    middle = f"x=(W-w)/2:y=H*{_CENTER_Y}-h/2"
    # `overlay` may leave its last picture without a length: the clip would end a frame early.
    end = f"fps={cut.fps},trim=end_frame={cut.frames},format=yuv420p"
    return (
        f"{ground},trim=end_frame={cut.frames},{stretch}[ground]",
        f"[{heard}]{wave},format=gray,{bars}[bars]",
        f"color=c={color}:s={width}x{height}:r={cut.fps}[color]",
        "[color][bars]alphamerge[wave]",
        f"[ground][wave]overlay={middle}:format=yuv420,{end}[{out}]",
    )


def _ramp(height: int) -> str:
    """Red, green and blue by row, from the top colour to the bottom one."""
    ends = zip("rgb", CANVAS_TOP, CANVAS_BOTTOM, strict=True)
    return ":".join(f"{name}={top}+({end - top})*Y/{height - 1}" for name, top, end in ends)
