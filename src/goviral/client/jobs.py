"""Background work, for administrators."""

from typing import Any

from goviral.client.connection import Connection
from goviral.client.values import Job, Jobs

_PATH = "api/v1/admin/jobs"


class JobAdmin:
    """`client.jobs`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, **filters: Any) -> Jobs:
        """A page of jobs, newest first: `status`, `name`, `queue`, `subject`, `limit`, `cursor`."""
        return self._connection.get(Jobs, _PATH, **filters)

    def get(self, job_id: str) -> Job:
        """One job."""
        return self._connection.get(Job, f"{_PATH}/{job_id}")

    def retry(self, job_id: str) -> Job:
        """Run it anew."""
        return self._connection.post(Job, f"{_PATH}/{job_id}/retry")

    def cancel(self, job_id: str) -> Job:
        """Stop it."""
        return self._connection.post(Job, f"{_PATH}/{job_id}/cancel")

    def delete(self, job_id: str) -> None:
        """Forget a finished one."""
        self._connection.delete(f"{_PATH}/{job_id}")
