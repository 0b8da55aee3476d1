"""Every client keeps the promise of the protocol; the settings choose one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from goviral.engine.llm.client import LlmAnswer, LlmClient, LlmRequest, Message, Usage
from goviral.engine.llm.clients import CLIENTS, find_client
from goviral.engine.llm.clients.recorded import RecordedClient, ScriptedClient
from goviral.engine.llm.resilient import ResilientClient
from goviral.kit.errors import DependencyError
from goviral.kit.retry import Backoff
from goviral.kit.settings import LlmSettings, Settings
from twins.openai_server import OpenAiServer, completion, in_turn

REQUEST = LlmRequest((Message("user", "hi"),), {}, "x", timeout_s=60)
ANSWER = LlmAnswer('{"a": "ü"}', "stop", "played-model", Usage(100, 20))


@pytest.fixture(params=[*CLIENTS, "resilient", "recorded", "scripted"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LlmClient]:
    scripted = ScriptedClient(lambda _: ANSWER)
    twins: dict[str, LlmClient] = {
        "resilient": ResilientClient(scripted, Backoff()),
        "recorded": RecordedClient(tmp_path, scripted),
        "scripted": scripted,
    }
    if request.param in twins:
        yield twins[request.param]
        return
    with OpenAiServer(in_turn(completion(ANSWER.text))) as server:
        llm = LlmSettings(base_url=server.base_url)
        yield CLIENTS[request.param](llm, "sk-test")


def test_it_answers_and_says_who_answered(client: LlmClient) -> None:
    answer = client.complete(REQUEST)
    assert (answer.text, answer.finish, answer.usage) == (ANSWER.text, "stop", ANSWER.usage)
    assert answer.model == "played-model"
    assert client.model


def test_the_same_question_is_answered_from_the_record(tmp_path: Path) -> None:
    inner = ScriptedClient(lambda _: ANSWER)
    first = RecordedClient(tmp_path, inner).complete(REQUEST)
    assert RecordedClient(tmp_path).complete(REQUEST) == first
    assert len(inner.requests) == 1
    assert RecordedClient(tmp_path).model == "recorded"


def test_an_unrecorded_question_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DependencyError):
        RecordedClient(tmp_path).complete(REQUEST)


class TestFindClient:
    def test_without_a_key_there_is_none(self) -> None:
        assert find_client(Settings(llm=LlmSettings(api_key=None, base_url=None))) is None

    def test_an_endpoint_of_ones_own_needs_no_key(self) -> None:
        llm = LlmSettings(base_url="http://127.0.0.1:1/v1", model="mine")
        found = find_client(Settings(llm=llm))
        assert found is not None
        assert found.model == "mine"

    def test_a_jobs_own_key_goes_first(self) -> None:
        with OpenAiServer(in_turn(completion("{}"))) as server:
            llm = LlmSettings.model_validate({"api_key": "sk-ours", "base_url": server.base_url})
            found = find_client(Settings(llm=llm), "sk-theirs")
            assert found is not None
            found.complete(REQUEST)
            assert server.requests[0].headers["authorization"] == "Bearer sk-theirs"
