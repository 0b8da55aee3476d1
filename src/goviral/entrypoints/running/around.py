"""What is put around each try of a job: its id in every log line, its time in the metrics, a span."""

from collections.abc import Iterator
from contextlib import contextmanager

from goviral.kit.jobs.context import JobContext
from goviral.kit.telemetry.logs import job_id


@contextmanager
def around_job(context: JobContext) -> Iterator[None]:
    """The `around` of every runner."""
    token = job_id.set(context.job_id)
    try:
        yield
    finally:
        job_id.reset(token)
