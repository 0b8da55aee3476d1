"""The bare minimum for one clip: its own ffmpeg command, alone, with crop, captions and title prepared."""

from pathlib import Path

from goviral.engine.clips.captions.ass import draw_words
from goviral.engine.clips.graph.filtergraph import render_command
from goviral.engine.clips.plans.plan_json import read_plan
from goviral.engine.clips.render.render import usable_cores
from goviral.engine.media.ffmpeg import find_ffmpeg
from goviral.kit.settings import load_settings


def bare_command(plan_path: Path, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The command and its environment; what it needs is drawn into `folder` beforehand."""
    folder.mkdir(parents=True, exist_ok=True)
    plan = read_plan(plan_path)
    assets = draw_words(plan, folder)
    command = render_command(
        plan, assets, folder, folder / "bare.mp4", threads=min(4, usable_cores())
    )
    for path, text in command.scripts:
        path.write_text(text, encoding="utf-8")
    ffmpeg = find_ffmpeg(load_settings())
    start = [ffmpeg.path, "-hide_banner", "-nostdin", "-y", "-loglevel", "error"]
    return [*start, *command.arguments], dict(command.environment)
