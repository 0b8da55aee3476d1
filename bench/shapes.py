"""Three shapes of one 30-second clip: one `goviral clip` run with one decode, over three runs."""

from pathlib import Path

from bench import sources
from bench.clip_cost import clip_command
from bench.figure import Figure
from bench.measure import Cost, cost_of, median_cost

RUNS = 3
SECONDS = 40
SHAPES = ("9:16", "1:1", "16:9")


def measure(folder: Path) -> list[Figure]:
    """The whole command each time: decode, looking, listening and start-up are what is shared."""
    video, words = folder / "shapes.mp4", folder / "shapes.transcript.json"
    sources.talking_head(video, SECONDS)
    sources.transcript(words, SECONDS)
    separate: dict[str, list[Cost]] = {shape: [] for shape in SHAPES}
    together: list[Cost] = []
    for number in range(RUNS):  # in turns: what else the machine does meets both
        together.append(_cost(video, words, folder / f"together-{number}", ",".join(SHAPES)))
        for shape in SHAPES:
            out = folder / f"{shape.replace(':', 'x')}-{number}"
            separate[shape].append(_cost(video, words, out, shape))
    ours = _median(together)
    each = [_median(costs) for costs in separate.values()]
    apart_s = sum(cost.cpu_s for cost in each)
    return [
        Figure("three shapes, one run, CPU", ours.cpu_s, "s"),
        Figure("three shapes, three runs, CPU", apart_s, "s"),
        Figure("three shapes, one run / three runs, CPU", ours.cpu_s / apart_s, "x", 0.85),
        Figure("three shapes, one run, peak memory", ours.peak_mb, "MB"),
    ]


def _cost(video: Path, words: Path, out: Path, shapes: str) -> Cost:
    command = clip_command(video, words, out, count=1)
    return cost_of([*command, "--aspect", shapes])


def _median(costs: list[Cost]) -> Cost:
    taken = iter(costs)
    return median_cost(len(costs), lambda: next(taken))
