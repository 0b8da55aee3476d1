"""What is put around each try of a job: its ids in every log line, its time in the metrics, a span."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from goviral.kit.jobs.context import JobContext
from goviral.kit.request_id import request_id
from goviral.kit.telemetry.logs import job_id
from goviral.kit.telemetry.measured import Happened, tell
from goviral.kit.telemetry.tracing import Attributes, belonging_to, span


@contextmanager
def around_job(context: JobContext) -> Iterator[None]:
    """The `around` of every runner."""
    tokens = job_id.set(context.job_id), request_id.set(context.request_id or "")
    started_s = time.monotonic()
    outcome = "failed"
    about: Attributes = {
        "job.id": context.job_id,
        "job.attempt": context.attempt,
        "job.queue": context.in_queue,
    }
    try:
        with belonging_to(context.traceparent), span(context.name, "consumer", about):
            yield
        outcome = "succeeded"
    finally:
        if context.stop_reason is not None:
            outcome = "stopped"
        tell(Happened.JOB, time.monotonic() - started_s, context.name, outcome)
        job_id.reset(tokens[0])
        request_id.reset(tokens[1])
