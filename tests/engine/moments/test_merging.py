"""Proposals and ranking in one list."""

import json
from typing import Any

import pytest

from goviral.engine.llm.client import LlmRequest
from goviral.engine.llm.clients.recorded import ScriptedClient
from goviral.engine.llm.errors import ServerFailedError
from goviral.engine.moments.find import find_moments
from goviral.engine.moments.merging import with_proposals
from goviral.engine.moments.moment import Moment, Scorecard, Wishes
from goviral.engine.moments.proposals import ProposalRule
from goviral.kit.progress import SilentProgress
from goviral.kit.timecode import Span
from twins.models import proposal
from twins.talks import make_talk

TALK = make_talk(200)


def says(*proposals: dict[str, Any]) -> ScriptedClient:
    return ScriptedClient(lambda _: json.dumps({"moments": proposals}))


def moment(start_ms: int, score: int, origin: str = "ranking") -> Moment:
    card = Scorecard(score, score, score, score, score, score)
    span = Span(start_ms, start_ms + 59_800)
    return Moment(span, score, card, "T", "H", "Q", "fact", origin=origin)


def merge(
    ranked: list[Moment], client: ScriptedClient, count: int, own: int | None
) -> list[Moment]:
    merged = with_proposals(
        ranked,
        TALK,
        Wishes(),
        count,
        client,
        ProposalRule(),
        lambda span: None if own is None else moment(span.start_ms, own),
        SilentProgress(),
    )
    return list(merged)


def test_proposals_come_first_and_the_ranking_fills_the_rest() -> None:
    client = says(proposal(100_000, 160_000), proposal(300_000, 360_000))
    merged = merge([moment(300_000, 99), moment(500_000, 98), moment(700_000, 97)], client, 3, 50)
    origins = {m.span.start_ms: m.origin for m in merged}
    assert origins == {100_000: "model", 300_000: "model", 500_000: "ranking"}
    assert [m.score for m in merged] == sorted((m.score for m in merged), reverse=True)


def test_a_proposals_judgement_is_the_mean_of_both() -> None:
    merged = merge([], says(proposal(100_000, 160_000)), 3, 40)
    assert (merged[0].scorecard.hook, merged[0].score) == (60, 55)
    unjudged = merge([], says(proposal(100_000, 160_000)), 3, None)
    assert unjudged[0].scorecard.hook == 80


def test_none_overlap() -> None:
    client = says(
        proposal(100_000, 160_000), proposal(130_000, 190_000), proposal(101_000, 161_000)
    )
    merged = merge([moment(150_000, 50)], client, 9, 50)
    assert len(merged) == 1


class TestFind:
    def test_with_a_model_its_proposals_are_among_the_moments(self) -> None:
        client = says(proposal(100_000, 160_000, TALK.sentences[22].text))
        found = find_moments(TALK, wishes=Wishes(count=4), llm=client)
        assert len(found) == 4
        (own,) = [m for m in found if m.origin == "model"]
        assert own.span.overlap_ms(Span(100_000, 160_000)) > 40_000
        assert {reason.feature for reason in own.reasons} > {"model"}

    def test_a_model_that_fails_is_an_error(self) -> None:
        def fails(_: LlmRequest) -> str:
            raise ServerFailedError("no")

        with pytest.raises(ServerFailedError):
            find_moments(TALK, llm=ScriptedClient(fails))
