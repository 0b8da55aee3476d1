"""Whole jobs: a request, a server that plays the model, a server that receives webhooks."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from goviral.engine.moments.contract import ProcessRequest, parse_request
from goviral.engine.moments.processor import Services, process
from goviral.kit.errors import AppError, InputError
from goviral.kit.settings import LlmSettings, Settings, WebhookSettings
from goviral.kit.signatures import is_signed
from twins.http_server import LocalServer, Reply
from twins.models import answer, honest, proposal
from twins.openai_server import OpenAiServer, completion, failure, in_turn
from twins.talks import make_talk, payload_of

TALK = make_talk(300)


@pytest.fixture
def hooks() -> Iterator[LocalServer]:
    with LocalServer(lambda _: Reply(200)) as server:
        yield server


def settings(model: OpenAiServer | None = None, **llm: Any) -> Settings:
    made = LlmSettings.model_validate(
        {"api_key": "sk-ours" if model else None, "base_url": model.base_url if model else None}
        | {"max_retry_delay_s": 0.05, "timeout_s": 10, **llm}
    )
    secret = {"secret": "whsec", "retry_attempts": 2, "max_delay": 0.01, "timeout_s": 2}
    webhooks = WebhookSettings.model_validate(secret)
    return Settings.model_validate(
        {"GOVIRAL_ALLOW_PRIVATE_URLS": True, "llm": made, "webhooks": webhooks}
    )


def request(hooks: LocalServer | None = None, talk: Any = TALK, **more: Any) -> ProcessRequest:
    webhooks = {"webhooks": {"result_url": f"{hooks.url}/done"}} if hooks else {}
    payload = {"job_id": "job-1", "transcript": payload_of(talk), **webhooks, **more}
    return parse_request(payload)


def bodies(hooks: LocalServer, path: str) -> list[dict[str, Any]]:
    return [json.loads(seen.body) for seen in hooks.requests if seen.path == path]


def test_a_job_with_a_model_tells_everything(hooks: LocalServer) -> None:
    heard: list[tuple[str, Mapping[str, Any]]] = []
    with OpenAiServer(honest(2)) as model:
        result = process(
            request(hooks), Services(settings(model)), lambda *event: heard.append(event)
        )
    assert result.total_chunks == 4
    assert result.metadata.moments_before_dedup == 8
    assert result.metadata.moments_after_dedup == len(result.moments)
    assert len(result.metadata.model_runs) == 4
    assert result.metadata.model_runs[0].prompt_hash
    assert result.metadata.token_use.total_tokens == 480
    hours = TALK.duration_ms / 3_600_000
    assert result.metadata.token_use.tokens_per_hour == pytest.approx(480 / hours, abs=1)
    progress = bodies(hooks, "/done/progress")
    assert [body["event"] for body in progress] == ["started"] + ["chunk_completed"] * 4
    assert all(body["status"] == "in_progress" for body in progress)
    assert {body["job_id"] for body in progress} == {"job-1"}
    assert progress[-1]["completed_chunks"] == progress[-1]["total_chunks"] == 4
    assert [body["sequence"] for body in progress] == [1, 2, 3, 4, 5]
    done = bodies(hooks, "/done")[0]
    assert set(done) == {"job_id", "status", "result"}
    assert done["status"] == "completed"
    assert set(done["result"]) == {"total_chunks", "moments"}
    assert done["result"]["moments"] == result.to_json()["moments"]
    assert [name for name, _ in heard] == [body["event"] for body in progress]
    assert [delivery.delivered for delivery in result.metadata.webhooks] == [True] * 6
    assert hooks.requests[-1].path == "/done"
    for seen in hooks.requests:
        assert is_signed(seen.body, seen.headers["x-webhook-signature"], "whsec")


def test_overlapping_chunks_do_not_give_the_same_moment_twice() -> None:
    with OpenAiServer(in_turn(answer(proposal(405_000, 449_800)))) as model:
        result = process(request(), Services(settings(model)))
    assert result.metadata.moments_before_dedup == 2
    assert result.metadata.moments_after_dedup == len(result.moments) == 1
    assert len(result.metadata.dropped) == 2
    assert "outside" in result.metadata.dropped[0].reason


def test_without_a_key_the_ranking_finds_moments(hooks: LocalServer) -> None:
    result = process(request(hooks), Services(settings()))
    assert result.moments
    assert result.metadata.model_runs == []
    assert result.metadata.token_use.total_tokens == 0
    for moment in result.moments:
        assert 40_000 <= moment.duration_ms <= 90_000
        assert moment.platforms.twitter.text
    assert bodies(hooks, "/done")[0]["status"] == "completed"


def test_the_jobs_own_options_go_first() -> None:
    options = {
        "chunk_duration_ms": 120_000,
        "chunk_overlap_ms": 10_000,
        "max_concurrency": 2,
        "model": "mine",
        "temperature": 0.9,
        "max_output_tokens": 500,
        "count": 3,
        "min_ms": 20_000,
        "max_ms": 30_000,
        "about": "sleep",
    }
    with OpenAiServer(honest()) as model:
        job = request(options=options, openai_api_key="sk-theirs")
        result = process(job, Services(settings(model)))
        call = model.calls[0]
        assert model.most_at_once <= 2
        assert model.requests[0].headers["authorization"] == "Bearer sk-theirs"
    assert result.total_chunks == 14
    assert len(result.moments) == 3
    assert all(20_000 <= moment.duration_ms <= 30_000 for moment in result.moments)
    assert (call["model"], call["temperature"], call["max_tokens"]) == ("mine", 0.9, 500)
    assert "Preferably about: sleep" in call["messages"][1]["content"]
    assert "sk-theirs" not in json.dumps(result.to_json())


def test_the_result_is_written_in_the_case_that_was_asked_for(hooks: LocalServer) -> None:
    with OpenAiServer(honest()) as model:
        job = request(hooks, options={"output_case": "camel"})
        process(job, Services(settings(model)))
    told = bodies(hooks, "/done")[0]["result"]["moments"][0]
    assert "viralScore" in told
    assert "startMs" in told


class TestFailure:
    def failed(self, hooks: LocalServer, model: OpenAiServer, job: ProcessRequest) -> AppError:
        with model, pytest.raises(AppError) as caught:
            process(job, Services(settings(model, max_attempts=1)))
        done = bodies(hooks, "/done")
        assert len(done) == 1
        assert set(done[0]) == {"job_id", "status", "error"}
        assert done[0]["status"] == "failed"
        assert done[0]["error"] == str(caught.value)
        return caught.value

    def test_the_first_failing_chunk_ends_the_job(self, hooks: LocalServer) -> None:
        model = OpenAiServer(in_turn(failure(500, "oops")))
        error = self.failed(hooks, model, request(hooks, make_talk(3000)))
        assert error.code == "llm_server_failed"
        events = [body["event"] for body in bodies(hooks, "/done/progress")]
        assert events[0] == "started"
        assert events[-1] == "chunk_failed"
        assert events.count("chunk_failed") == 1
        assert len(model.calls) < 12

    def test_a_rejected_key_is_named_but_not_shown(self, hooks: LocalServer) -> None:
        model = OpenAiServer(in_turn(failure(401, "Incorrect API key provided: sk-ours")))
        assert self.failed(hooks, model, request(hooks)).code == "llm_key_rejected"
        assert b"sk-ours" not in b"".join(seen.body for seen in hooks.requests)

    def test_no_text_is_bad_input(self, hooks: LocalServer) -> None:
        job = parse_request(
            {"job_id": "1", "transcript": {}, "webhooks": {"result_url": f"{hooks.url}/done"}}
        )
        with pytest.raises(InputError):
            process(job, Services(settings()))
        assert bodies(hooks, "/done")[0]["status"] == "failed"
        assert bodies(hooks, "/done/progress") == []

    def test_an_overlap_as_long_as_a_chunk_is_bad_input(self) -> None:
        options = {"chunk_duration_ms": 60_000, "chunk_overlap_ms": 60_000}
        with pytest.raises(InputError):
            process(request(options=options), Services(settings()))

    def test_a_bug_of_ours_is_told_without_its_insides(self, hooks: LocalServer) -> None:
        def buggy(*_: Any) -> None:
            raise KeyError("private detail")

        with pytest.raises(KeyError):
            process(request(hooks), Services(settings()), buggy)
        assert bodies(hooks, "/done")[0]["error"] == "Internal error (KeyError)."

    @pytest.mark.parametrize("status", [500, 302, 404])
    def test_a_receiver_that_fails_does_not_fail_the_job(self, status: int) -> None:
        with LocalServer(lambda _: Reply(status)) as server, OpenAiServer(honest()) as model:
            result = process(request(server), Services(settings(model)))
        assert result.moments
        assert not any(delivery.delivered for delivery in result.metadata.webhooks)
        assert result.metadata.webhooks[-1].status == status

    def test_private_receivers_are_refused_by_default(self, hooks: LocalServer) -> None:
        closed = settings().model_copy(update={"allow_private_urls": False})
        result = process(request(hooks), Services(closed))
        assert hooks.requests == []
        assert result.metadata.webhooks[-1].error is not None


def test_progress_is_not_derived_when_that_is_not_wished(hooks: LocalServer) -> None:
    quiet = settings()
    quiet.webhooks.derive_progress = False
    process(request(hooks), Services(quiet))
    assert [seen.path for seen in hooks.requests] == ["/done"]


def test_notes_say_what_went_otherwise() -> None:
    def picky(call: dict[str, Any]) -> Reply:
        if "[0] " in call["messages"][1]["content"]:
            return completion(None, refusal="No.")
        return honest()(call)

    shuffled = payload_of(TALK)
    assert isinstance(shuffled["sentences"], list)
    shuffled["sentences"].reverse()
    with OpenAiServer(picky) as model:
        job = request(transcript=shuffled)
        result = process(job, Services(settings(model)))
    assert any("refused" in note for note in result.metadata.notes)
    assert any("sorted" in note for note in result.metadata.notes)


def test_twins_may_stand_in_for_every_collaborator() -> None:
    from goviral.engine.llm.clients.recorded import ScriptedClient
    from goviral.engine.moments.webhooks import Delivery

    class Book:
        sent: list[str] = []

        def deliver(self, event: str, url: str, body: Mapping[str, Any]) -> Delivery:
            self.sent.append(event)
            return Delivery(event, True, 1, 200)

    scripted = ScriptedClient(lambda _: '{"moments": []}')
    services = Services(settings(), lambda *_: scripted, Book(), Book())
    job = request(webhooks={"result_url": "https://a/r"})
    assert process(job, services).moments == []
    assert Book.sent == ["started", *["chunk_completed"] * 4, "completed"]
