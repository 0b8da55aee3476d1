"""The two doors to the processor: a plain call, and a serverless worker's job."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from goviral.engine.moments.contract import ProcessRequest, ServiceResult, parse_request
from goviral.engine.moments.payloads import webhook_addresses
from goviral.engine.moments.processor import Listener, Services, process
from goviral.kit.errors import AppError, InputError

ProgressUpdate = Callable[[Mapping[str, Any], Mapping[str, Any]], object]


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
    """

    services: Services
    progress_update: ProgressUpdate = lambda *_: None
    gpu_used: Callable[[], bool] = lambda: False

    def __call__(self, job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Events as they happen, then `{"status": "completed", …}` or `{"error": …, "code": …}`."""
        started = time.monotonic()
        events: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        outcome: list[dict[str, Any]] = []

        def tell(name: str, facts: Mapping[str, Any]) -> None:
            event = {"event": name, "status": "in_progress", **facts}
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
            payload = job.get("input")
            if isinstance(payload, dict) and not {"job_id", "jobId", "id"} & payload.keys():
                payload = {**payload, "job_id": job.get("id")}
            request = _parse(payload, self.services)
            result = process(request, self.services, tell)
        except AppError as error:
            return _failure(str(error), error.code)
        return self._finished(job, request, result, started)

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
    try:
        return parse_request(payload)
    except InputError as error:
        addressed = webhook_addresses(payload)
        if addressed is not None:
            services.webhooks(addressed).failed(str(error))
        raise


def _failure(said: str, code: str) -> dict[str, Any]:
    return {"error": said, "code": code}
