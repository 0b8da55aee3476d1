"""Pace and sound of each clip: what has to be heard and looked through for it, once, and then decided."""

from dataclasses import replace
from pathlib import Path

from goviral.engine.clips.pace.inserts import Stock
from goviral.engine.clips.pace.pace import Bed, PaceWishes, with_pace
from goviral.engine.clips.pace.stock import StockFolder, stock_files
from goviral.engine.clips.plans.plan import ClipPlan, Loudness
from goviral.engine.media.look import Look
from goviral.engine.media.probe import MediaInfo
from goviral.engine.media.signals import Levels
from goviral.engine.studio.stages import VERSIONS
from goviral.engine.studio.tools import Tools
from goviral.engine.studio.workspace import Workspace
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import NotFoundError
from goviral.kit.files import content_fingerprint
from goviral.kit.progress import Progress


class Pacer:
    """Gives plans their cuts, punch-ins, B-roll and music. Without such wishes it does nothing."""

    def __init__(
        self, tools: Tools, workspace: Workspace, progress: Progress, wishes: PaceWishes
    ) -> None:
        self._tools = tools
        self._workspace = workspace
        self._progress = progress
        self._wishes = wishes
        self._stock: tuple[Stock, ...] = ()
        self._bed: Bed | None = None

    def open(self) -> None:
        """Look through the B-roll and hear the music, before any long work.

        Raises `NotFoundError` and `InputError` for files that cannot be used.
        """
        if self._wishes.broll:
            self._stock = self._read_stock(self._wishes.broll)
        if self._wishes.music:
            self._bed = self._hear(self._wishes.music)

    def paced(
        self, plan: ClipPlan, media: MediaInfo, transcript: Transcript, look: Look | None = None
    ) -> ClipPlan:
        """The plan as wished; its loudness is that of what will be played, and its notes say what was
        done about a silent side."""
        plan = _with_side_told(plan)
        wishes = self._wishes
        levels = self._levels(media, plan) if wishes.tighten or wishes.punch_in else None
        paced = with_pace(plan, transcript, wishes, levels, self._stock, self._bed, look)
        if not paced.removals and not paced.music:
            return paced
        return replace(paced, loudness=self._loudness(paced))

    def _levels(self, media: MediaInfo, plan: ClipPlan) -> Levels:
        return self._workspace.take(
            "levels",
            (VERSIONS["levels"], media.fingerprint, plan.span),
            Levels,
            lambda: self._tools.levels(media, plan.span),
        )

    def _loudness(self, plan: ClipPlan) -> Loudness:
        return self._workspace.take(
            "played-loudness",
            (
                VERSIONS["loudness"],
                (plan.source.fingerprint, plan.span, plan.frame.fps),
                [removal.span for removal in plan.removals],
                plan.music,
                plan.loudness.side if plan.loudness else "",
            ),
            Loudness,
            lambda: self._tools.measure_played(plan),
        )

    def _read_stock(self, folder: Path) -> tuple[Stock, ...]:
        found = self._workspace.take(
            "stock",
            (VERSIONS["stock"], _state(folder)),
            StockFolder,
            lambda: self._tools.stock(folder),
        )
        for note in found.notes:
            self._progress.warn(note)
        return found.stock

    def _hear(self, music: Path) -> Bed:
        if not music.is_file():
            raise NotFoundError(f"There is no music {music}.", remedy="Check --music.")
        return self._workspace.take(
            "bed",
            (VERSIONS["bed"], str(music.absolute()), content_fingerprint(music)),
            Bed,
            lambda: self._tools.bed(music),
        )


def _with_side_told(plan: ClipPlan) -> ClipPlan:
    if plan.loudness is None or not plan.loudness.side:
        return plan
    note = f"There is sound on the {plan.loudness.side} side only: it is heard on both."
    return replace(plan, notes=(*plan.notes, note))


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """What changes when a film, a picture or a tag of the folder does."""
    if not folder.is_dir():
        return []
    files = [*stock_files(folder), *sorted(folder.glob("*.json"))]
    return [(str(path.absolute()), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
