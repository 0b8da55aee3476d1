"""The features: each measures what its name says, in any language, without its text."""

import numpy as np
import pytest

from goviral.engine.media.signals import Signals
from goviral.engine.moments.features.context import (
    AFTER,
    AROUND,
    ITSELF,
    STRETCHES,
    column_names,
    in_context,
)
from goviral.engine.moments.features.delivery import delivery_columns
from goviral.engine.moments.features.dialogue import COLUMNS, dialogue_columns, dialogue_of
from goviral.engine.moments.features.kind import NAMES, kind_of
from goviral.engine.moments.features.lexicon import count_kinds, kinds, words_of_kind
from goviral.engine.moments.features.salience import salience
from goviral.engine.moments.features.sound import burst_of
from goviral.engine.moments.features.table import Table, table_of
from goviral.engine.moments.pieces import pieces_of
from goviral.engine.moments.tokens import tokens_of
from goviral.engine.transcripts.document import Sentence, Transcript
from twins.interviews import interview
from twins.languages import LANGUAGES, speech
from twins.talks import make_talk


def table(*texts: str, speakers: str = "", language: str = "en") -> Table:
    names = [*speakers] if speakers else [None] * len(texts)
    sentences = tuple(
        Sentence(n, text, n * 5_000, n * 5_000 + 4_000, name)
        for n, (text, name) in enumerate(zip(texts, names, strict=True))
    )
    return table_of(pieces_of(Transcript(sentences, (), language), 90_000), language)


class TestLexicon:
    def test_words_and_phrases_are_counted_by_kind(self) -> None:
        counted = count_kinds(tokens_of(["It turns out I paid two dollars", "Nothing"]), "en")
        row = dict(zip(kinds(), counted[0].tolist(), strict=True))
        assert (row["i"], row["number"], row["surprise"]) == (1, 1, 1)
        assert row["money"] == 2
        assert counted[1, kinds().index("negation")] == 1

    @pytest.mark.parametrize("language", [*LANGUAGES, "fr"])
    def test_every_language_of_the_lexicon_is_heard(self, language: str) -> None:
        texts = (
            [s.text for s in speech(language).sentences] if language != "fr" else ["je ne sais pas"]
        )
        assert count_kinds(tokens_of(texts), language).sum() > 0

    def test_an_unknown_language_counts_nothing(self) -> None:
        assert count_kinds(tokens_of(["mimi ninaenda"]), "sw").sum() == 0

    def test_no_words_at_all_count_nothing(self) -> None:
        assert count_kinds(tokens_of(["", "…"]), "en").shape == (2, len(kinds()))


class TestSalience:
    def test_what_everyone_says_is_central_and_what_one_says_is_rare(self) -> None:
        texts = ["bees make honey"] * 5 + ["bees make wax", "submarines dive"]
        columns = salience(tokens_of(texts))
        assert columns["centroid"][0] > columns["centroid"][6]
        assert columns["lexrank"][0] > columns["lexrank"][6]
        assert columns["hapax"].tolist() == [0, 0, 0, 0, 0, 1, 2]
        assert columns["new_words"].tolist() == [3, 0, 0, 0, 0, 1, 2]
        assert columns["idf_max"].argmax() == 5

    def test_content_words_taken_up_again_are_repeats(self) -> None:
        texts = [f"unique{n} other{n}" for n in range(300)]
        texts[31] = "unique30 other31"
        assert salience(tokens_of(texts))["repeat"][31] == 1

    def test_pieces_without_words_have_no_salience(self) -> None:
        columns = salience(tokens_of(["", ""]))
        assert all(np.isfinite(values).all() for values in columns.values())


class TestDialogue:
    def test_turns_shares_and_answers(self) -> None:
        words = np.array([4.0, 2.0, 10.0, 3.0, 1.0])
        question = np.array([1.0, 0, 0, 1.0, 0])
        dialogue = dialogue_of(["A", "B", "B", "B", "A"], words)
        assert dialogue.turn.tolist() == [0, 1, 1, 1, 2]
        assert dialogue.turns == 3
        assert dialogue.shares.tolist() == [0.25, 0.75]
        columns = dialogue_columns(dialogue, words, question)
        assert set(columns) == set(COLUMNS)
        assert columns["answer"].tolist() == [0, 1, 0, 0, 1]
        assert columns["short_turn"].tolist() == [1, 0, 0, 0, 1]
        assert np.expm1(columns["turn_len"]).round().tolist() == [4, 15, 15, 15, 1]
        assert np.expm1(columns["turn_pos"]).round().tolist() == [0, 0, 2, 12, 0]
        assert np.expm1(columns["turn_left"]).round().tolist() == [0, 13, 3, 0, 0]
        assert np.expm1(columns["prev_turn"]).round().tolist() == [0, 4, 4, 4, 15]
        assert np.expm1(columns["next_turn"]).round().tolist() == [15, 1, 1, 1, 0]
        assert columns["top_speaker"].tolist() == [0, 1, 1, 1, 0]

    @pytest.mark.parametrize("speakers", [[None] * 3, ["A"] * 3])
    def test_one_voice_has_no_dialogue(self, speakers: list[str | None]) -> None:
        dialogue = dialogue_of(speakers, np.ones(3))
        assert not dialogue.known
        assert not any(v.any() for v in dialogue_columns(dialogue, np.ones(3), np.ones(3)).values())

    def test_a_piece_without_a_name_goes_on_with_the_one_before(self) -> None:
        dialogue = dialogue_of([None, "A", None, "B", None], np.ones(5))
        assert dialogue.speaker.tolist() == [0, 0, 0, 1, 1]


class TestDelivery:
    def test_pace_pauses_and_position(self) -> None:
        columns = delivery_columns(
            np.array([0.0, 5_000]), np.array([4_000.0, 9_000]), np.array([12.0, 4])
        )
        assert columns["rate"][0] > columns["rate"][1]
        assert columns["gap_after"][0] == columns["gap_before"][1] > 0
        assert columns["early"][0] > columns["early"][1]
        assert columns["late"][1] > columns["late"][0]


class TestTable:
    def test_writing_is_read(self) -> None:
        read = table('He said: "Why?"', "Wait -- no!", "It cost $5, in 1999.", "Peter and Ann")
        assert read.column("question").tolist() == [1, 0, 0, 0]
        assert read.column("exclaim").tolist() == [0, 1, 0, 0]
        assert read.column("quotes").tolist() == [1, 0, 0, 0]
        assert read.column("dash").tolist() == [0, 1, 0, 0]
        assert read.column("money_sign").tolist() == [0, 0, 1, 0]
        assert read.column("digits").tolist() == [0, 0, 2, 0]
        assert read.column("names").tolist() == [1, 0, 0, 1]

    @pytest.mark.parametrize(
        "mark", ["[Laughter]", "(applause)", "*laughs*", "[笑]", "(Gelächter)", "[Risas]"]
    )
    def test_marks_of_reactions_are_evidence_not_words(self, mark: str) -> None:
        read = table(f"Money talks {mark}", "Money walks")
        assert read.marked.tolist() == [1, 0]
        assert read.words.tolist() == [2, 2]

    def test_other_brackets_are_no_reaction_and_round_ones_are_speech(self) -> None:
        read = table("Money (in my bag) talks [inaudible]")
        assert read.marked.tolist() == [0]
        assert read.words.tolist() == [5]

    def test_every_feature_is_finite_even_of_nothing(self) -> None:
        assert np.isfinite(table("…").values).all()
        assert np.isfinite(table("", "Yes.").values).all()


class TestContext:
    def test_each_stretch_looks_where_it_says(self) -> None:
        texts = ["Money talks here."] * 40
        texts[20] = "Why?"
        read = table(*texts)
        names = column_names(read)
        rows = in_context(read)

        def strongest(stretch: str) -> set[int]:
            column = rows[:, names.index(f"question@{stretch}")]
            return set(np.flatnonzero(column > column.min() + 1e-6).tolist())

        assert strongest(ITSELF.name) == {20}
        assert strongest(AFTER.name) == {17, 18, 19}
        assert strongest(AROUND.name) == set(range(16, 25))

    def test_columns_are_in_units_of_the_talk(self) -> None:
        rows = in_context(table_of(pieces_of(interview().transcript, 90_000), "en"))
        assert rows.shape[1] % len(STRETCHES) == 0
        assert np.abs(rows).max() <= 4
        assert np.abs(rows.mean(axis=0)).max() < 0.3

    def test_what_never_changes_is_zero(self) -> None:
        assert not in_context(table("Yes.")).any()


class TestKind:
    def test_an_interview_differs_from_a_speech(self) -> None:
        made = table_of(pieces_of(interview().transcript, 90_000), "en")
        alone = table_of(pieces_of(make_talk(100, speakers=()), 90_000), "en")
        two, one = (dict(zip(NAMES, kind_of(t).tolist(), strict=True)) for t in (made, alone))
        assert two["speakers"] > one["speakers"] == pytest.approx(0, abs=1e-6)
        assert two["turn_words"] < one["turn_words"]
        assert one["top_share"] == 1


class TestSound:
    def test_the_louder_piece_bursts(self) -> None:
        read = table("One two.", "Three four.", "Five six.")
        level = [-40.0] * 50 + [-20.0] * 50 + [-40.0] * 50
        burst = burst_of(read, Signals(100, tuple(level)))
        assert burst.argmax() == 1
        assert burst.min() == 0

    def test_silence_and_even_sound_burst_nowhere(self) -> None:
        read = table("One two.", "Three four.")
        assert not burst_of(read, Signals()).any()
        assert not burst_of(read, Signals(100, (-30.0,) * 100)).any()

    def test_sound_shorter_than_the_words_is_no_error(self) -> None:
        read = table("One two.", "Three four.", "Five six.")
        assert len(burst_of(read, Signals(100, (-30.0, -20.0)))) == 3


def test_single_words_of_a_kind_leave_phrases_out() -> None:
    words = words_of_kind(kinds()[0], "en")
    assert words
    assert not any("_" in word or " " in word for word in words)
    assert words_of_kind(kinds()[0], "xx") == frozenset()
