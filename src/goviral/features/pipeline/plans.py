"""A clip's plan, edited by its owner: checked as rendering would, never pointing at other files."""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from goviral.engine.clips.plans.attached import attached_files
from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import load_plan
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.library.models import Clip
from goviral.features.library.sources import stored_plan
from goviral.features.pipeline.errors import StaleVersionError, UnfitPlanError
from goviral.features.pipeline.tasks import RENDER_TASK
from goviral.kit.errors import ConflictError, ForbiddenError, InputError
from goviral.kit.jobs.models import Job

_LONGEST_SIDE = 3840


def edit_plan(library: Library, clip_id: str, version: int, fields: dict[str, Any]) -> Clip:
    """Take an edited plan over. Raises `UnfitPlanError`, `StaleVersionError`, `ForbiddenError`."""
    # Held: two edits of the same version come one after the other.
    clip = library.clips.get_for_update(clip_id)
    if clip.version != version:
        raise StaleVersionError("The plan was edited meanwhile.", remedy="Look at it again.")
    if not clip.plan:
        raise ConflictError("This clip has no plan yet.", remedy="Wait until it is planned.")
    before = load_plan(json.dumps(clip.plan))
    after = _read(fields)
    _refuse_other_files(before, after)
    _refuse_huge_frames(before, after)
    key = before.source.path
    # What the source is was measured by us: nobody's edit changes it.
    clip.plan = stored_plan(replace(after, source=before.source, name=before.name), key)
    clip.title = after.title
    clip.version += 1
    library.session.flush()
    return clip


def _read(fields: dict[str, Any]) -> ClipPlan:
    try:
        return load_plan(json.dumps(fields), "The plan")
    except InputError as error:
        raise UnfitPlanError(error.message, remedy=error.remedy) from error


def order_render(session: Session, services: Services, clip: Clip) -> Job:
    """The job that makes an edited clip anew; one at a time for each edit."""
    return services.queue.enqueue(
        session,
        RENDER_TASK,
        {"clip_id": clip.id},
        owner_id=clip.owner_id,
        subject=clip.id,
        unique_key=f"render:{clip.id}:{clip.version}",
    )


def _refuse_other_files(before: ClipPlan, after: ClipPlan) -> None:
    """A plan names files of the machine: only those that we put there ourselves may stay."""
    if _files(after) - _files(before):
        raise ForbiddenError(
            "A plan may not name other files of this machine.",
            remedy="Leave its files as they are.",
        )


def _refuse_huge_frames(before: ClipPlan, after: ClipPlan) -> None:
    """A number in a plan must not take the memory of the whole machine."""
    side = max(_LONGEST_SIDE, before.frame.width, before.frame.height)
    if max(after.frame.width, after.frame.height) > side:
        raise UnfitPlanError(f"A frame's longest side is at most {side} pixels.")


def _files(plan: ClipPlan) -> set[str]:
    """Every file a plan names besides its source; fonts go by name, unless they are files too."""
    styles = [
        plan.captions.style if plan.captions else None,
        plan.hook.style if plan.hook else None,
    ]
    fonts = {style.font for style in styles if style is not None and "/" in style.font}
    return fonts | {path for _, path, _ in attached_files(plan)}
