"""The background work of the library, for the composition root."""

from goviral.features.library.check_upload import check_upload_task
from goviral.features.library.deletion import delete_files_task
from goviral.features.library.retention import JANITOR_CRON, JANITOR_TASK, janitor_task
from goviral.features.library.thumbnails import thumbnail_task
from goviral.kit.jobs.schedule import Schedule
from goviral.kit.jobs.task import Registry


def register_tasks(registry: Registry) -> None:
    """Make the library's jobs known."""
    for task in (check_upload_task(), delete_files_task(), janitor_task(), thumbnail_task()):
        registry.register(task)


def add_to_schedule(schedule: Schedule) -> None:
    """What runs at fixed times."""
    schedule.add("library.janitor", JANITOR_CRON, JANITOR_TASK)
