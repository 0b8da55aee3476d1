"""The two doors to the processor: a plain call, and a serverless worker's job."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from goviral.engine.moments.contract import ProcessRequest, ServiceResult, parse_request
from goviral.engine.moments.payloads import webhook_addresses
from goviral.engine.moments.processor import Listener, Services, process
from goviral.kit.errors import AppError

ProgressUpdate = Callable[[Mapping[str, Any], Mapping[str, Any]], object]
Prepare = Callable[[dict[str, Any], Listener], dict[str, Any]]


def _as_it_is(payload: dict[str, Any], tell: Listener) -> dict[str, Any]:
    return payload


def handle_sync(payload: Any, services: Services) -> dict[str, Any]:
    """A request as JSON, its result as JSON, in the case it asks for; webhooks fire all the same.

    Raises `InputError` for a request that does not fit (its failure webhook fires where its address
    can be read), and what `process` raises.
    """
    request = _parse(payload, services)
    return process(request, services).to_json(request.options.output_case)


@dataclass(frozen=True)
class Worker:
    """A serverless worker's handler: called with a job, it yields events, then the result.

    `progress_update(job, event)` is the platform's own way of telling progress; its calls may arrive out
    of order, hence the `sequence` in each event. `gpu_used` says whether this worker computes on one.
    `prepare` makes a payload with a transcript of one that only names its media.
    """

    services: Services
    progress_update: ProgressUpdate = lambda *_: None
    gpu_used: Callable[[], bool] = lambda: False
    prepare: Prepare = _as_it_is

    def __call__(self, job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Events as they happen, then `{"status": "completed", …}` or `{"error": …, "code": …}`."""
        started = time.monotonic()
        events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        outcome: list[dict[str, Any]] = []
        numbers = count(1)

        def tell(name: str, facts: Mapping[str, Any]) -> None:
            numbered = {**facts, "sequence": next(numbers)}
            event = {"event": name, "status": "in_progress", **numbered}
            self.progress_update(job, event)
            events.put(event)

        def work() -> None:
            try:
                outcome.append(self._result(job, tell, started))
            finally:
                events.put(None)

        thread = threading.Thread(target=work, name="job", daemon=True)
        thread.start()
        while (event := events.get()) is not None:
            yield event
        thread.join()
        yield outcome[0] if outcome else _failure("Internal error.", "internal")

    def _result(self, job: Mapping[str, Any], tell: Listener, started: float) -> dict[str, Any]:
        try:
            request = self._request(job, tell)
            result = process(request, self.services, tell)
        except AppError as error:
            return _failure(str(error), error.code)
        return self._finished(job, request, result, started)

    def _request(self, job: Mapping[str, Any], tell: Listener) -> ProcessRequest:
        payload = job.get("input")
        if not isinstance(payload, dict):
            return _parse(payload, self.services)
        if not {"job_id", "jobId", "id"} & payload.keys():
            payload = {**payload, "job_id": job.get("id")}
        with _failure_told(payload, self.services):
            payload = self.prepare(payload, tell)
        return _parse(payload, self.services)

    def _finished(
        self,
        job: Mapping[str, Any],
        request: ProcessRequest,
        result: ServiceResult,
        started: float,
    ) -> dict[str, Any]:
        metadata = result.metadata.model_copy(
            update={
                "handler_time_seconds": round(time.monotonic() - started, 3),
                "runpod_job_id": str(job["id"]) if job.get("id") is not None else None,
                "gpu_used": self.gpu_used(),
            }
        )
        finished = result.model_copy(update={"metadata": metadata})
        return finished.to_json(request.options.output_case)


def _parse(payload: Any, services: Services) -> ProcessRequest:
    with _failure_told(payload, services):
        return parse_request(payload)


@contextmanager
def _failure_told(payload: Any, services: Services) -> Iterator[None]:
    """What fails before there is a request is told to its address too, where that can be read."""
    try:
        yield
    except AppError as error:
        addressed = webhook_addresses(payload)
        if addressed is not None:
            services.webhooks(addressed).failed(str(error))
        raise


def _failure(said: str, code: str) -> dict[str, Any]:
    return {"error": said, "code": code}
