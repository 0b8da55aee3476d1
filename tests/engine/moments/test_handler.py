"""Both doors: the plain call and the worker's generator."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from goviral.engine.moments.handler import Worker, handle_sync
from goviral.engine.moments.processor import Listener, Services
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.settings import LlmSettings, Settings
from twins.http_server import LocalServer, Reply
from twins.models import honest
from twins.openai_server import OpenAiServer, failure, in_turn
from twins.talks import make_talk, payload_of

TALK = payload_of(make_talk(200))


@pytest.fixture
def hooks() -> Iterator[LocalServer]:
    with LocalServer(lambda _: Reply(200)) as server:
        yield server


def services(model: OpenAiServer | None = None) -> Services:
    key = {"api_key": "sk-x", "base_url": model.base_url} if model else {}
    llm = LlmSettings.model_validate({"api_key": None, "max_attempts": 1, "timeout_s": 10, **key})
    return Services(Settings.model_validate({"GOVIRAL_ALLOW_PRIVATE_URLS": True, "llm": llm}))


class TestHandleSync:
    def test_json_in_json_out_and_webhooks_fire(self, hooks: LocalServer) -> None:
        with OpenAiServer(honest()) as model:
            payload = {"jobId": "1", "transcript": TALK, "webhook": hooks.url}
            told = handle_sync(payload, services(model))
        assert told["status"] == "completed"
        assert told["moments"]
        assert json.loads(json.dumps(told)) == told
        assert hooks.requests[-1].path in ("", "/")

    def test_camel_case_is_answered_in_camel_case(self) -> None:
        told = handle_sync(
            {"jobId": 1, "transcript": TALK, "options": {"outputCase": "camel"}}, services()
        )
        assert told["totalChunks"] >= 1

    def test_what_does_not_fit_is_an_error_and_told(self, hooks: LocalServer) -> None:
        with pytest.raises(InputError):
            handle_sync({"job_id": "1", "transcript": 5, "webhook": hooks.url}, services())
        told = json.loads(hooks.requests[0].body)
        assert (told["job_id"], told["status"]) == ("1", "failed")
        with pytest.raises(InputError):
            handle_sync(None, services())


class TestWorker:
    def test_events_come_first_and_the_result_last(self) -> None:
        updates: list[Mapping[str, Any]] = []
        with OpenAiServer(honest()) as model:
            worker = Worker(
                services(model), lambda _, event: updates.append(event), gpu_used=lambda: True
            )
            told = list(worker({"id": "rp-7", "input": {"transcript": TALK}}))
        events, result = told[:-1], told[-1]
        assert events == updates
        assert events[0]["event"] == "started"
        assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
        assert result["status"] == "completed"
        assert result["job_id"] == "rp-7"
        assert result["metadata"]["runpod_job_id"] == "rp-7"
        assert result["metadata"]["gpu_used"] is True
        assert result["metadata"]["handler_time_seconds"] >= 0

    def test_the_callers_own_job_id_goes_first(self) -> None:
        worker = Worker(services())
        job = {"id": "rp-7", "input": {"id": "mine", "transcript": TALK}}
        result = [*worker(job)][-1]
        assert result["job_id"] == "mine"
        assert result["metadata"]["gpu_used"] is False
        lone = [*worker({"input": {"job_id": "mine", "transcript": TALK}})][-1]
        assert lone["metadata"]["runpod_job_id"] is None

    @pytest.mark.parametrize("job", [{}, {"id": "1"}, {"id": "1", "input": []}, {"input": {}}])
    def test_a_job_that_does_not_fit_yields_an_error(self, job: dict[str, Any]) -> None:
        told = list(Worker(services())(job))
        assert [*told[0]] == ["error", "code"]
        assert told[0]["code"] == "invalid_input"

    def test_a_failing_model_yields_an_error_last(self) -> None:
        with OpenAiServer(in_turn(failure(500, "oops"))) as model:
            told = list(Worker(services(model))({"id": "1", "input": {"transcript": TALK}}))
        assert told[-2]["event"] == "chunk_failed"
        assert told[-1]["code"] == "llm_server_failed"

    def test_media_becomes_a_transcript_first(self) -> None:
        def prepare(payload: dict[str, Any], tell: Listener) -> dict[str, Any]:
            tell("transcribing", {"media_url": payload["media_url"]})
            return {**payload, "transcript": TALK}

        worker = Worker(services(), prepare=prepare)
        told = list(worker({"id": "1", "input": {"media_url": "https://a/b.mp4"}}))
        assert [event.get("event") for event in told[:2]] == ["transcribing", "started"]
        assert [event["sequence"] for event in told[:-1]] == [1, 2]
        assert told[-1]["status"] == "completed"

    def test_media_that_cannot_be_had_is_told_to_the_address_too(self, hooks: LocalServer) -> None:
        def prepare(payload: dict[str, Any], tell: Listener) -> dict[str, Any]:
            raise NotFoundError("There is nothing.")

        job = {"id": "1", "input": {"media_url": "https://a/b.mp4", "webhook": hooks.url}}
        told = list(Worker(services(), prepare=prepare)(job))
        assert told == [{"error": "There is nothing.", "code": "not_found"}]
        assert json.loads(hooks.requests[0].body)["status"] == "failed"

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_bug_of_ours_ends_the_job_too(self) -> None:
        def prepare(payload: dict[str, Any], tell: Listener) -> dict[str, Any]:
            raise KeyError("private detail")

        told = list(Worker(services(), prepare=prepare)({"id": "1", "input": {"x": 1}}))
        assert told == [{"error": "Internal error.", "code": "internal"}]
