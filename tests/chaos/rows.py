"""Jobs as they stand in the database, read past the service."""

import os
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from goviral.kit.jobs.models import Job

Seen = tuple[str, str, str, str, float]
"""id, name, state, key of the effect, end of the lease in Unix seconds (none: long ago)."""


def jobs_of(engine: Engine) -> list[Seen]:
    """Every job but the schedule's."""
    columns = (Job.id, Job.name, Job.state, Job.payload, Job.lease_until)
    statement = select(*columns).where(Job.owner_id.is_not(None))
    with Session(engine) as session:
        return [
            (
                job_id,
                name,
                state,
                str(payload.get("key", "")),
                lease_until.timestamp() if lease_until else float("-inf"),
            )
            for job_id, name, state, payload, lease_until in session.execute(statement)
        ]


def groups_at_work(engine: Engine) -> set[int]:
    """Process groups of the workers that hold a job (a worker's name is host:process:chance)."""
    running = select(Job.worker).where(Job.state == "running", Job.worker.is_not(None))
    with Session(engine) as session:
        pids = [int(str(name).split(":")[-2]) for name in session.scalars(running)]
    found = set()
    for pid in pids:
        with suppress(ProcessLookupError):
            found.add(os.getpgid(pid))
    return found
