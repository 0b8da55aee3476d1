"""A video's film as a file of this machine, and plans that mean the same on every machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from goviral.engine.clips.plans.plan import ClipPlan
from goviral.engine.clips.plans.plan_json import dump_plan, load_plan
from goviral.features.accounts.services import Services
from goviral.features.library.errors import NotReadyError
from goviral.features.library.models import Video
from goviral.kit.scratch import Scratch


@contextmanager
def film_of(services: Services, video: Video) -> Iterator[Path]:
    """The film, fetched where the store is elsewhere; for reading, and only while the block runs.

    Raises `NotReadyError` where there is none, `StorageError`, `ResourceError`.
    """
    if video.key is None:
        raise NotReadyError("The film of this video is not here.", remedy="Start its pipeline.")
    path = services.store.local_path(video.key)
    if path is not None:
        yield path
        return
    scratch = Scratch(services.settings.server.data_dir / "tmp")
    with scratch.folder(video.id) as folder:
        fetched = folder / Path(video.key).name
        services.store.fetch(video.key, fetched)
        yield fetched


def stored_plan(plan: ClipPlan, key: str) -> dict[str, Any]:
    """A plan for a row: its source named by key, since paths differ between machines."""
    portable = replace(plan, source=replace(plan.source, path=key))
    fields: dict[str, Any] = json.loads(dump_plan(portable))
    return fields


def opened_plan(fields: dict[str, Any], film: Path) -> ClipPlan:
    """A plan out of a row, its source at `film`. Raises `InputError`."""
    plan = load_plan(json.dumps(fields))
    return replace(plan, source=replace(plan.source, path=str(film)))
