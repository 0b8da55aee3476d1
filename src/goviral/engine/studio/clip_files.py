"""The files of one clip in a run's folder, and what tells that they are finished."""

from dataclasses import replace
from pathlib import Path

from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import dump_plan, read_plan
from goviral.engine.clips.plans.variants import is_preview
from goviral.engine.clips.thumbnails.thumbnail_choice import VARIANTS
from goviral.engine.clips.thumbnails.thumbnails import USUAL, thumbnail_path, thumbnail_paths
from goviral.engine.studio.workspace import HIDDEN
from goviral.kit.errors import AppError
from goviral.kit.files import fingerprint, write_text


class ClipFiles:
    """The files of one clip, `NN-slug.*`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.video = folder / f"{name}.mp4"
        self.thumbnail = folder / f"{name}.jpg"
        self.captions = folder / f"{name}.srt"
        self.plan = folder / f"{name}.plan.json"
        self._made = folder / HIDDEN / f"{name}.made"

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.video, self.thumbnail, self.captions, self.plan)

    def discard(self) -> None:
        """Leave nothing of a clip that failed, nor of the one it was to replace."""
        stills = (thumbnail_path(self.thumbnail, name, size) for name in VARIANTS for size in USUAL)
        for path in (*self.all, *stills):
            path.unlink(missing_ok=True)

    def write_plan(self, plan: ClipPlan) -> None:
        """Write the plan, and remember that it was we who wrote it so."""
        text = dump_plan(plan)
        write_text(self._made, fingerprint(text))
        write_text(self.plan, text)

    def edited(self, planned: ClipPlan) -> ClipPlan | None:
        """The plan that somebody changed since it was written, if it is of the same source as `planned`.

        Raises `InputError` where it cannot be read or rendered any more.
        """
        if not (self.plan.exists() and self._made.exists()):
            return None
        written = self.plan.read_text("utf-8", errors="replace")
        if fingerprint(written) == self._made.read_text("utf-8"):
            return None
        plan = read_plan(self.plan)
        return plan if plan.source.fingerprint == planned.source.fingerprint else None

    def put_plan_aside(self) -> None:
        """Keep what somebody wrote: the plan goes where clips of earlier wishes lie."""
        _put_aside(self.plan)

    def hold(self, plan: ClipPlan) -> bool:
        """Whether this very plan was rendered to its end."""
        files = (*self.all, *thumbnail_paths(plan, self.thumbnail))
        return all(part.exists() for part in files) and self.plan.read_text("utf-8") == dump_plan(
            plan
        )

    def hold_but_stills(self, plan: ClipPlan) -> bool:
        """Whether all is there but the stills this plan asks for: they alone have to be made."""
        try:
            known = read_plan(self.plan)
        except AppError:
            return False
        same = replace(known, thumbnail=None) == replace(plan, thumbnail=None)
        return same and self.video.exists() and self.captions.exists()

    def hold_edited(self) -> bool:
        """Whether the clip was rendered since its plan was edited."""
        return (
            all(part.exists() for part in self.all)
            and self.video.stat().st_mtime_ns >= self.plan.stat().st_mtime_ns
        )


def retire_strangers(folder: Path, names: set[str], *, previews: bool = False) -> None:
    """Move clips of earlier wishes into `earlier/`: never mixed with these, never lost.

    A run that made `previews` leaves finished clips where they are.
    """
    plans = folder.glob("[0-9][0-9]-*.plan.json")
    known = {plan.name.removesuffix(".plan.json") for plan in plans}
    for path in folder.glob("[0-9][0-9]-*.*"):
        name = _owner(path.name, known)
        if not name or name in names or (previews and not is_preview(name)):
            continue
        _put_aside(path)


def _put_aside(path: Path) -> None:
    shelf = path.parent / "earlier"
    shelf.mkdir(exist_ok=True)
    path.replace(shelf / path.name)


def _owner(file_name: str, known: set[str]) -> str:
    """The clip a file belongs to: `01-why.1x1.mp4` is of `01-why.1x1` where that is one, not of `01-why`."""
    owners = [name for name in known if file_name.startswith(f"{name}.")]
    return max(owners, key=len, default="")
