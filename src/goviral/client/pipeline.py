"""Runs of videos through the stages."""

import time
from collections.abc import Callable
from typing import Any

from goviral.client.connection import Connection
from goviral.client.errors import RunFailedError, StillWaitingError
from goviral.client.values import ModelRuns, Run

_LOOK_S = 1.0


def _silent(_run: Run) -> None:
    return None


class Pipeline:
    """`client.pipeline`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, video_id: str, **wishes: Any) -> Run:
        """Begin a run; `wishes` as in the API: `until`, `language`, `engine`, `moments`, `clips`, …"""
        return self._connection.post(Run, "api/v1/pipeline/start", {"video_id": video_id, **wishes})

    def status(self, run_id: str) -> Run:
        """Where a run is, stage by stage; also by the id of its video."""
        return self._connection.get(Run, f"api/v1/pipeline/status/{run_id}")

    def cancel(self, run_id: str) -> Run:
        """Stop it; what is finished is kept."""
        return self._connection.post(Run, f"api/v1/pipeline/cancel/{run_id}")

    def model_runs(self, video_id: str, *, cursor: str | None = None) -> ModelRuns:
        """What models were asked about a video, and what that cost; newest first."""
        path = f"api/v1/videos/{video_id}/model-runs"
        return self._connection.get(ModelRuns, path, cursor=cursor)

    def wait(
        self,
        run_id: str,
        *,
        within_s: float = 3600,
        look_s: float = _LOOK_S,
        on_change: Callable[[Run], None] = _silent,
    ) -> Run:
        """The run when it has succeeded. Raises `RunFailedError`, `StillWaitingError`."""
        until_s = time.monotonic() + within_s
        while True:
            run = self.status(run_id)
            on_change(run)
            if run.state == "succeeded":
                return run
            if run.is_over:
                why = run.error_message or f"The run was {run.state}."
                raise RunFailedError(why, run.error_code or run.state)
            if time.monotonic() > until_s:
                raise StillWaitingError(f"The run {run_id} is still at {run.stage or 'its start'}.")
            time.sleep(look_s)
