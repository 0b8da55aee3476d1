"""The model that ships: its parts fit each other, and heat means what it says."""

from dataclasses import replace

import numpy as np
import pytest

from goviral.engine.moments.features.context import STRETCHES
from goviral.engine.moments.features.kind import NAMES, kind_of
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.ranking import EVIDENCE, PICK, REACTION, heat_of, load_model
from goviral.engine.transcripts.document import Transcript
from twins.interviews import interview
from twins.talks import make_talk


def table(talk: Transcript) -> Table:
    return table_of(pieces_of(talk, 90_000), "en")


TALK = table(interview().transcript)


def test_the_weights_are_for_the_features_that_are_measured() -> None:
    model = load_model()
    assert model.features == TALK.names
    for half in (model.named, model.unnamed, model.bare, model.foreign):
        assert set(half.gate.heads) == set(half.heads)
        for head in half.heads.values():
            assert head.target in (REACTION, PICK)
            assert head.weights.shape == (len(STRETCHES), len(TALK.names))


@pytest.mark.parametrize("condition", ["named", "unnamed", "bare", "foreign"])
def test_heads_share_out_what_they_have_to_say(condition: str) -> None:
    model = load_model()
    gate = getattr(model, condition).gate
    for kind in (kind_of(TALK), np.zeros(len(NAMES)), np.full(len(NAMES), 50.0)):
        shares = gate.shares(kind)
        assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
        assert min(shares.values()) >= 0


def test_a_talk_unlike_all_asks_every_head() -> None:
    shares = load_model().named.gate.shares(np.full(len(NAMES), 50.0))
    assert all(share > 0.1 for share in shares.values())


def test_heat_over_the_talks_own_windows_is_centred_and_spread() -> None:
    heat = heat_of(TALK)
    first = np.arange(len(TALK.words) - 10)
    lasting = TALK.end_ms[first + 9] - TALK.start_ms[first]
    values = heat.between(first, first + 9, lasting)
    assert abs(values.mean()) < 0.5
    assert 0.3 < values.std() < 3


def test_the_funny_stretch_is_hotter_than_any_other() -> None:
    made = interview(seed=5)
    read = table(made.transcript)
    heat = heat_of(read)
    hottest = int(np.argmax(heat.per_piece))
    assert min(abs(read.end_ms[hottest] - at) for at in made.laughs) < 20_000


def test_effects_of_editors_heads_add_up_to_heat() -> None:
    model = load_model()
    heat = heat_of(TALK)
    assert heat.effects.shape == (len(TALK.words), len(TALK.names) + len(EVIDENCE))
    assert heat.features == (*model.features, *EVIDENCE)


def test_what_was_asked_for_is_heat_where_it_is_said() -> None:
    asked = np.zeros(len(TALK.words))
    asked[40:44] = 2
    plain, wished = heat_of(TALK), heat_of(TALK, asked=asked)
    assert (wished.per_piece - plain.per_piece)[40:44].min() > 0
    assert np.allclose((wished.per_piece - plain.per_piece)[60:], 0)
    assert np.allclose(heat_of(TALK, asked=np.zeros(len(TALK.words))).per_piece, plain.per_piece)


def test_a_single_sentence_has_no_heat_to_compare() -> None:
    heat = heat_of(table(make_talk(1)))
    assert np.isfinite(heat.per_piece).all()


def test_the_same_talk_has_the_same_heat() -> None:
    assert np.array_equal(heat_of(TALK).per_piece, heat_of(TALK).per_piece)


def test_the_condition_of_the_transcript_decides_which_weights_are_asked() -> None:
    model = load_model()
    assert model.expertise(TALK) is model.named
    assert model.expertise(table(make_talk(60, speakers=()))) is model.unnamed
    bare = [replace(s, text=s.text.rstrip(".?").lower()) for s in make_talk(60).sentences]
    assert model.expertise(table(Transcript(tuple(bare), (), "en"))) is model.bare


def test_another_language_is_ranked_without_english_words() -> None:
    model = load_model()
    pieces = pieces_of(interview().transcript, 90_000)
    assert model.expertise(table_of(pieces, "de")) is model.foreign
