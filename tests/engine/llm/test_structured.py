"""Answers of a fixed shape, from a scripted model."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from goviral.engine.llm.client import LlmAnswer, LlmRequest, Usage
from goviral.engine.llm.clients.recorded import ScriptedClient
from goviral.engine.llm.errors import (
    BudgetSpentError,
    MalformedError,
    RefusedError,
    ServerFailedError,
    TruncatedError,
)
from goviral.engine.llm.runs import Budget
from goviral.engine.llm.structured import Asking, Prompt, ask, strict_schema, whole_items


class Item(BaseModel):
    name: str = Field(max_length=20)
    size: int = 1


class Basket(BaseModel):
    model_config = ConfigDict(extra="ignore")
    items: list[Item]


PROMPT = Prompt("basket", "1", "List things.", "apples and pears")
GOOD = '{"items": [{"name": "apple", "size": 2}]}'


def scripted(*answers: str | LlmAnswer) -> ScriptedClient:
    waiting = list(answers)
    return ScriptedClient(lambda _: waiting.pop(0))


def cut(text: str) -> LlmAnswer:
    return LlmAnswer(text, finish="length", usage=Usage(10, 5))


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}```",
        f"<think>hm {{}}</think>\n{GOOD}",
        f"Here you are: {GOOD}",
        f"\n\n  {GOOD}  ",
    ],
)
def test_json_is_found_in_what_models_put_around_it(text: str) -> None:
    asked = ask(Asking(scripted(text)), PROMPT, Basket)
    assert asked.value.items[0].name == "apple"
    assert not asked.cut_off


def test_a_bad_answer_is_sent_back_once_with_what_is_wrong() -> None:
    client = scripted('{"items": [{"size": "big"}]}', GOOD)
    assert ask(Asking(client), PROMPT, Basket).value.items[0].size == 2
    first, second = client.requests
    assert second.messages[:2] == first.messages
    assert second.messages[2].role == "assistant"
    assert "items.0.name" in second.messages[3].text


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"items": 3}', "{", "null"])
def test_after_one_repair_it_gives_up(text: str) -> None:
    client = scripted(text, text)
    with pytest.raises(MalformedError):
        ask(Asking(client), PROMPT, Basket)
    assert len(client.requests) == 2


def test_a_refusal_in_words_is_not_repaired() -> None:
    client = scripted("I'm sorry, but I can't help with that.")
    with pytest.raises(RefusedError):
        ask(Asking(client), PROMPT, Basket)
    assert len(client.requests) == 1


class TestCutOff:
    def test_whole_items_are_kept_where_a_list_is_named(self) -> None:
        client = scripted(cut('{"items": [{"name": "a"}, {"name": "b"}, {"name": "cher'))
        asked = ask(Asking(client), PROMPT, Basket, list_field="items")
        assert [item.name for item in asked.value.items] == ["a", "b"]
        assert asked.cut_off
        assert len(client.requests) == 1

    def test_items_that_do_not_fit_are_left_out(self) -> None:
        client = scripted(cut('{"items": [{"size": "big"}, {"name": "b"}, {"name": "c"}, {"na'))
        asked = ask(Asking(client), PROMPT, Basket, list_field="items")
        assert [item.name for item in asked.value.items] == ["b", "c"]

    @pytest.mark.parametrize(
        "text", ['{"items": 5', '{"other": [1', "[1, 2", '{"items": [{"x": 1}, {']
    )
    def test_what_has_no_whole_items_has_none(self, text: str) -> None:
        assert whole_items(text, Basket, "items") is None

    def test_with_nothing_whole_a_shorter_answer_is_asked_for(self) -> None:
        client = scripted(cut('{"items": [{"na'), GOOD)
        asked = ask(Asking(client), PROMPT, Basket, list_field="items")
        assert asked.value.items[0].name == "apple"
        assert "half as many" in client.requests[1].messages[-1].text

    def test_cut_off_twice_is_an_error(self) -> None:
        with pytest.raises(TruncatedError):
            ask(Asking(scripted(cut(GOOD[:9]), cut(GOOD[:9]))), PROMPT, Basket)

    @settings(max_examples=40)
    @given(st.data())
    def test_a_cut_anywhere_keeps_only_items_that_were_sent(self, data: st.DataObject) -> None:
        names = data.draw(st.lists(st.text(max_size=8), min_size=1, max_size=4))
        text = json.dumps({"items": [{"name": name, "size": 7} for name in names]})
        kept = whole_items(text[: data.draw(st.integers(0, len(text)))], Basket, "items")
        if kept is not None:
            assert [item.name for item in kept.items] == names[: len(kept.items)]


class TestRuns:
    def test_each_call_is_written_down_without_text(self) -> None:
        asking = Asking(scripted("{", LlmAnswer(GOOD, model="m", usage=Usage(3, 4), attempts=2)))
        ask(asking, PROMPT, Basket)
        first, second = asking.log.runs
        assert (first.outcome, second.outcome) == ("ok", "ok")
        assert second.model == "m"
        assert second.attempts == 2
        assert second.prompt_hash == PROMPT.hash
        assert second.provider == "scripted"
        assert asking.log.usage.total == 7

    def test_failed_calls_are_written_down_with_their_code(self) -> None:
        def fails(_: LlmRequest) -> str:
            raise ServerFailedError("no")

        asking = Asking(ScriptedClient(fails))
        with pytest.raises(ServerFailedError):
            ask(asking, PROMPT, Basket)
        assert asking.log.runs[0].outcome == "llm_server_failed"

    def test_the_hash_is_of_the_wording_not_of_the_text(self) -> None:
        assert PROMPT.hash == Prompt("basket", "1", "List things.", "other").hash
        assert PROMPT.hash != Prompt("basket", "1", "List things!", "other").hash
        assert PROMPT.hash != Prompt("basket", "2", "List things.", "other").hash


class TestBudget:
    def test_a_call_that_could_overspend_is_not_made(self) -> None:
        client = scripted(GOOD)
        with pytest.raises(BudgetSpentError, match="1000"):
            ask(Asking(client, budget=Budget(1000)), PROMPT, Basket)
        assert client.requests == []

    def test_what_was_used_is_booked_and_the_rest_given_back(self) -> None:
        budget = Budget(4000)
        client = scripted(
            LlmAnswer(GOOD, usage=Usage(900, 100)), LlmAnswer(GOOD, usage=Usage(900, 100))
        )
        asking = Asking(client, budget=budget)
        ask(asking, PROMPT, Basket)
        ask(asking, PROMPT, Basket)
        assert budget.spent == 2000
        budget.reserve(2000)
        with pytest.raises(BudgetSpentError):
            budget.reserve(1)


def test_the_schema_requires_everything_and_allows_nothing_else() -> None:
    schema = strict_schema(Basket)
    assert schema["required"] == ["items"]
    assert schema["additionalProperties"] is False
    item = schema["$defs"]["Item"]
    assert item["required"] == ["name", "size"]
    assert item["additionalProperties"] is False
    assert "maxLength" not in item["properties"]["name"]
    assert "default" not in item["properties"]["size"]


def test_a_property_called_like_a_keyword_stays() -> None:
    class Book(BaseModel):
        title: str
        default: int

    assert set(strict_schema(Book)["properties"]) == {"title", "default"}
