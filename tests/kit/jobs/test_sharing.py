"""A queue of which no owner may have all the places, with real workers; apart from `test_queues`, whose
worker would take the wake-ups that are counted on here.
"""

import pytest

from goviral.kit.jobs.models import JobState
from kit.jobs.yard import WAIT_S, Yard


@pytest.mark.parametrize("pool", ["prefork", "threads"])
def test_an_owner_who_waits_for_his_own_goes_on_when_they_end(yard: Yard, pool: str) -> None:
    """Wake-ups that came while he had all his places are not missed: no sweep tells of them again."""
    timing = {"sweep_s": 0.5, "resend_after_s": 10 * WAIT_S} if yard.kind == "celery" else {}
    with yard.worker(per_owner={"default": 1}, pool=pool, timing=timing):
        held = yard.enqueue("listens")
        yard.until(held, JobState.RUNNING)
        his = [yard.enqueue("echo") for _ in range(5)]
        others = yard.enqueue("echo", owner_id="bob")
        yard.until(others, JobState.SUCCEEDED)
        assert {yard.job(job_id).state for job_id in his} == {JobState.QUEUED}
        yard.watched.let_go(held)
        for job_id in (held, *his):
            yard.until(job_id, JobState.SUCCEEDED)
    assert [yard.calls(job_id) for job_id in his] == [1] * len(his)
