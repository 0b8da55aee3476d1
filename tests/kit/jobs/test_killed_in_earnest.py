"""With the lease and the sweeps of a real installation: how long a killed worker's job lies still.

The lease is not sat out: what is left of it counts, then it ends."""

import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from goviral.kit.clock import utc_now
from goviral.kit.jobs.models import JobState
from goviral.kit.jobs.queues import BACKENDS
from goviral.kit.server_settings import JobSettings
from kit.jobs.conftest import open_yard
from kit.jobs.yard import Yard, wait_for

log = logging.getLogger(__name__)
WITHIN_S = 60.0
_WORKERS = 2


@pytest.fixture
def yards(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Yard]]:
    """One of each queue, each with two workers: the wait of one is the wait of all."""
    with ExitStack() as stack:
        opened = []
        for kind in sorted(BACKENDS):
            folder = tmp_path / kind
            folder.mkdir()
            lease_s = JobSettings().lease_s
            yard = stack.enter_context(open_yard(kind, request, folder, lease_s=lease_s))
            yard.forget_messages()
            for _ in range(_WORKERS):
                stack.enter_context(yard.worker(timing={}))
            opened.append(yard)
        yield opened


@pytest.mark.slow
def test_a_killed_workers_job_runs_again_within_a_minute_on_every_queue(
    yards: list[Yard],
) -> None:
    jobs = {yard.kind: yard.enqueue("listens") for yard in yards}
    for yard in yards:
        wait_for(lambda yard=yard: yard.calls(jobs[yard.kind]) == 1)
    left_s = {}
    for yard in yards:
        (call,) = yard.watched.calls(jobs[yard.kind])
        os.killpg(os.getpgid(call["pid"]), signal.SIGKILL)
        until = yard.job(jobs[yard.kind]).lease_until
        assert until is not None
        left_s[yard.kind] = (until - utc_now()).total_seconds()
    ended_s = time.monotonic()
    for yard in yards:
        yard.end_lease(jobs[yard.kind])
    waiting = {yard.kind: yard for yard in yards}
    while waiting:
        for kind, yard in list(waiting.items()):
            took_s = time.monotonic() - ended_s + left_s[kind]
            assert took_s < WITHIN_S, f"still not: {sorted(waiting)}"
            if yard.calls(jobs[kind]) == 2:
                log.info("%s: %.1f s", kind, took_s)
                del waiting[kind]
        time.sleep(0.1)
    for yard in yards:
        yard.watched.let_go(jobs[yard.kind])
        job = yard.until(jobs[yard.kind], JobState.SUCCEEDED)
        assert (job.attempts, job.result) == (2, {"try": 2})
