import pytest
from pydantic import ValidationError

from goviral.engine.llm.structured import strict_schema
from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.proposal import ProposalList, Scores
from goviral.engine.moments.proposals import ProposalRule, rule_of
from goviral.kit.settings import Settings

FIVE = ("hook", "retention", "emotion", "clarity", "shareability")


@pytest.mark.parametrize(
    ("written", "read"),
    [(5, 5), (5.6, 6), ("7", 7), ("7.4", 7), (1e30, 10**12), (float("-inf"), -(10**12))],
)
def test_numbers_are_read_however_a_model_writes_them(written: object, read: int) -> None:
    assert Scores.model_validate(dict.fromkeys(FIVE, written)).hook == read


@pytest.mark.parametrize("written", ["high", "", float("nan"), None, [], "nan"])
def test_what_is_no_number_is_refused(written: object) -> None:
    with pytest.raises(ValidationError):
        Scores.model_validate(dict.fromkeys(FIVE, written))


def test_the_schema_names_the_categories_and_requires_everything() -> None:
    proposal = strict_schema(ProposalList)["$defs"]["Proposal"]
    assert "how_to" in proposal["properties"]["category"]["enum"]
    assert set(proposal["required"]) == set(proposal["properties"])


def test_settings_make_the_rule_and_the_usual_one_is_the_contracts() -> None:
    assert rule_of(Settings()) == ProposalRule()
    usual = ProposalRule()
    assert (usual.chunks.duration_ms, usual.chunks.overlap_ms) == (450_000, 45_000)
    assert usual.chunks.shortest_ms == 180_000
    assert (usual.temperature, usual.max_output_tokens) == (0.25, 1800)
    assert (Wishes().min_ms, Wishes().max_ms) == (40_000, 90_000)
