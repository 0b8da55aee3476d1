"""`goviral worker`: background work alone."""

import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from goviral.entrypoints.cli.service_options import Supervised


class QueueName(StrEnum):
    """The queues there are; a test compares them with the jobs' own."""

    MEDIA = "media"
    AI = "ai"
    PUBLISH = "publish"
    UPLOADS = "uploads"
    WEBHOOKS = "webhooks"
    DEFAULT = "default"


Queues = Annotated[
    list[QueueName] | None,
    typer.Option("--queue", help="Only this queue; may be said several times. Unset: all."),
]


def worker(queue: Queues = None, supervised: Supervised = False) -> None:
    """Run background jobs: threads over the database, or Celery, as JOBS_BACKEND says."""
    from goviral.entrypoints.running.starting import load
    from goviral.kit.settings import count_together

    settings = load()
    with tempfile.TemporaryDirectory(prefix="goviral-metrics-") as folder:
        if settings.jobs.backend == "celery":
            count_together(Path(folder))
        # After it: the metrics' library looks for the folder when it is imported.
        from goviral.entrypoints.running import commands, workers

        wanted = tuple(one.value for one in queue or QueueName)
        workers.worker(settings, wanted, supervised=supervised)
    commands.leave()
