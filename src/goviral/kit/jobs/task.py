"""What can be done in the background: one registry of tasks by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from goviral.kit.errors import DependencyError
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import QUEUES, Payload
from goviral.kit.retry import Backoff

RunTask = Callable[[JobContext, Payload], Payload | None]


@dataclass(frozen=True, slots=True)
class Task:
    """A kind of job.

    `run` may be called twice for one job (a worker died, an answer was lost): it looks before it acts.
    It takes and returns plain JSON, holds no transaction open while it works, and asks
    `context.cancelled()` often. `backoff` spaces the tries; how many there are is `max_attempts`.
    """

    name: str
    run: RunTask
    queue: str = "default"
    max_attempts: int = 3
    timeout_s: float = 3600.0
    backoff: Backoff = field(default_factory=lambda: Backoff(base_s=2, factor=4, max_delay_s=900))

    def __post_init__(self) -> None:
        if self.queue not in QUEUES:
            raise ValueError(f"{self.name}: no queue {self.queue!r}")


class Registry:
    """Tasks by name. Filled by the composition root before the first job runs."""

    def __init__(self, *tasks: Task) -> None:
        self._tasks: dict[str, Task] = {}
        for task in tasks:
            self.register(task)

    def register(self, task: Task) -> Task:
        """Add a task. Raises `ValueError` when its name is taken."""
        if task.name in self._tasks:
            raise ValueError(f"there are two tasks {task.name!r}")
        self._tasks[task.name] = task
        return task

    def get(self, name: str) -> Task:
        """The task of that name. Raises `UnknownTaskError`."""
        task = self._tasks.get(name)
        if task is None:
            raise UnknownTaskError(f"This version knows no task {name!r}.")
        return task

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())

    def __len__(self) -> int:
        return len(self._tasks)


class UnknownTaskError(DependencyError):
    """A job of a task that is not registered here; a newer worker may know it, so it is tried again."""

    code = "unknown_task"
    retryable = True
