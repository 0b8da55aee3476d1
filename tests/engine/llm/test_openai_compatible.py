"""The OpenAI SDK against a real server that answers well and badly."""

import json
import time
from typing import Any

import pytest

from goviral.engine.llm.client import LlmRequest, Message
from goviral.engine.llm.clients.openai_compatible import OpenAiCompatibleClient
from goviral.engine.llm.errors import (
    KeyRejectedError,
    LlmError,
    MalformedError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    ServerFailedError,
    TimedOutError,
    UnreachableError,
)
from goviral.kit.errors import AppError
from twins.http_server import Reply, closed_port
from twins.openai_server import JSON, OpenAiServer, completion, failure, in_turn

KEY = "sk-test-0123456789abcdef"
REQUEST = LlmRequest(
    messages=(Message("system", "Be brief."), Message("user", "Hello?")),
    schema={"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    schema_name="greeting",
    temperature=0.25,
    max_output_tokens=50,
    timeout_s=60,
)


def client(server: OpenAiServer, key: str | None = KEY) -> OpenAiCompatibleClient:
    return OpenAiCompatibleClient("gpt-test", api_key=key, base_url=server.base_url)


def test_a_right_answer_arrives_with_its_cost() -> None:
    with OpenAiServer(in_turn(completion('{"a": 1}'))) as server:
        answer = client(server).complete(REQUEST)
        call = server.calls[0]
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert answer.text == '{"a": 1}'
    assert answer.model == "played-model"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (100, 20)
    assert answer.request_id == "req-1"
    assert call["model"] == "gpt-test"
    assert call["max_tokens"] == 50
    assert call["temperature"] == 0.25
    assert call["messages"][0] == {"role": "system", "content": "Be brief."}
    assert call["response_format"]["json_schema"]["strict"] is True
    assert call["response_format"]["json_schema"]["name"] == "greeting"


def test_a_cut_off_answer_is_marked() -> None:
    with OpenAiServer(in_turn(completion('{"a":', finish="length"))) as server:
        assert client(server).complete(REQUEST).finish == "length"


def test_an_endpoint_without_a_key_is_asked_with_none() -> None:
    with OpenAiServer(in_turn(completion("{}"))) as server:
        client(server, key=None).complete(REQUEST)
        assert server.requests[0].headers["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (failure(400, "unknown model"), RejectedError),
        (failure(401, f"Incorrect API key provided: {KEY}"), KeyRejectedError),
        (failure(403, "country"), KeyRejectedError),
        (failure(404, f"no model for {KEY}"), RejectedError),
        (failure(408, "slow"), TimedOutError),
        (failure(409, "busy"), LlmError),
        (failure(413, "too long"), RejectedError),
        (failure(429, "slow down"), RateLimitedError),
        (failure(429, "no credit", code="insufficient_quota"), KeyRejectedError),
        (failure(500, "oops"), ServerFailedError),
        (failure(503, "oops"), ServerFailedError),
        (completion(None, refusal="No."), RefusedError),
        (completion("", finish="content_filter"), RefusedError),
        (Reply(200, b'{"choices": []}', JSON), MalformedError),
        (Reply(200, b"{", JSON), MalformedError),
        (Reply(200, b"<html>", {"Content-Type": "text/html"}), MalformedError),
        (Reply(200, b"[]", JSON), MalformedError),
        (Reply(502, b"<html>bad gateway</html>"), ServerFailedError),
    ],
)
def test_each_failure_is_its_own_error_and_shows_no_key(reply: Reply, kind: type[AppError]) -> None:
    with OpenAiServer(in_turn(reply)) as server, pytest.raises(kind) as caught:
        client(server).complete(REQUEST)
    assert len(server.calls) == 1
    assert KEY not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_retry_after_is_handed_on() -> None:
    busy = failure(429, "slow down", **{"Retry-After": "7"})
    with OpenAiServer(in_turn(busy)) as server, pytest.raises(RateLimitedError) as caught:
        client(server).complete(REQUEST)
    assert caught.value.retry_after_s == 7


def test_a_slow_endpoint_times_out() -> None:
    from dataclasses import replace

    started = time.monotonic()
    slow = in_turn(completion("{}", delay_s=200))
    with OpenAiServer(slow) as server, pytest.raises(TimedOutError):
        client(server).complete(replace(REQUEST, timeout_s=0.3))
    assert time.monotonic() - started < 100


def test_nobody_there_is_unreachable() -> None:
    dead = OpenAiCompatibleClient("m", api_key=KEY, base_url=f"http://127.0.0.1:{closed_port()}/v1")
    with pytest.raises(UnreachableError):
        dead.complete(REQUEST)


class TestDialects:
    def test_an_endpoint_without_schemas_gets_them_in_words_and_is_remembered(self) -> None:
        def old(call: dict[str, Any]) -> Reply:
            if call.get("response_format", {}).get("type") == "json_schema":
                return failure(400, "response_format 'json_schema' is not supported")
            return completion("{}")

        with OpenAiServer(old) as server:
            asked = client(server)
            asked.complete(REQUEST)
            asked.complete(REQUEST)
            kinds = [call["response_format"]["type"] for call in server.calls]
        assert kinds == ["json_schema", "json_object", "json_object"]
        assert json.dumps(REQUEST.schema) in server.calls[1]["messages"][0]["content"]
        assert server.calls[1]["messages"][1] == {"role": "user", "content": "Hello?"}

    def test_an_endpoint_without_any_json_mode_is_asked_in_words(self) -> None:
        def older(call: dict[str, Any]) -> Reply:
            if "response_format" in call:
                return failure(400, "Unknown field response_format")
            return completion("{}")

        with OpenAiServer(older) as server:
            client(server).complete(REQUEST)
            assert "response_format" not in server.calls[-1]

    def test_a_reasoning_model_gets_its_own_limit_and_no_temperature(self) -> None:
        def picky(call: dict[str, Any]) -> Reply:
            if "max_tokens" in call:
                return failure(400, "Use 'max_completion_tokens' instead of 'max_tokens'.")
            if "temperature" in call:
                return failure(400, "Unsupported value: 'temperature' does not support 0.25.")
            return completion("{}")

        with OpenAiServer(picky) as server:
            client(server).complete(REQUEST)
            assert server.calls[-1]["max_completion_tokens"] == 50

    def test_an_endpoint_that_refuses_every_form_is_given_up(self) -> None:
        with OpenAiServer(in_turn(failure(400, "bad response_format"))) as server:
            with pytest.raises(RejectedError):
                client(server).complete(REQUEST)
            assert len(server.calls) == 3
