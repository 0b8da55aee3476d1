import pytest

from goviral.engine.moments.chunking import ChunkRule, chunk_transcript
from goviral.engine.moments.structure import outline_of, structure_of
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.timecode import Span
from twins.interviews import interview
from twins.talks import make_talk


def spoken(*rows: tuple[str, str | None], gap_ms: int = 200) -> Transcript:
    step = 4_800 + gap_ms
    return Transcript(
        tuple(Sentence(n, t, n * step, n * step + 4_800, s) for n, (t, s) in enumerate(rows)),
        (),
        "en",
    )


def test_nothing_said_has_no_structure() -> None:
    structure = structure_of(Transcript(()))
    assert structure.turns == structure.topics == ()
    assert structure.outline(Span(0, 1_000)) == ()


def test_turns_are_speakers_without_a_break() -> None:
    structure = structure_of(spoken(("Hello there.", "A"), ("Go on.", "A"), ("No.", "B")))
    assert [(t.speaker, t.words) for t in structure.turns] == [("A", 4), ("B", 1)]
    assert structure.turns[0].span == Span(0, 9_800)


def test_a_question_goes_with_the_turn_that_answers_it() -> None:
    structure = structure_of(
        spoken(
            ("Really?", "A"),
            ("Why do we sleep?", "A"),
            ("Nobody knows.", "B"),
            ("I have a guess.", "B"),
            ("Is it a good one?", "B"),
            ("I think so.", "B"),
            ("Thanks.", "A"),
        )
    )
    assert [(q.question.start_ms, q.answer) for q in structure.questions] == [
        (5_000, Span(10_000, 29_800))
    ]


def test_alone_the_answer_is_what_follows_within_a_minute() -> None:
    rows = [("Why do we sleep?", None)] + [("Nobody knows yet.", None)] * 20
    structure = structure_of(spoken(*rows))
    assert structure.questions[0].answer == Span(5_000, 64_800)


def test_topics_part_where_the_words_change() -> None:
    bees = [("Bees carry honey between flowers and their hive.", None)] * 30
    boats = [("Submarines dive below icebergs with silent engines.", None)] * 30
    topics = structure_of(spoken(*bees, *boats)).topics
    assert len(topics) == 2
    assert abs(topics[1].span.start_ms - 150_000) <= 10_000
    assert {"flowers", "honey"} & set(topics[0].keywords)
    assert {"submarines", "icebergs"} & set(topics[1].keywords)


def test_stories_lists_and_pauses_are_found() -> None:
    story = [("One day years ago he came home and told me what happened.", None)] * 5
    steps = [("First, buy bread.", None), ("Second, eat bread.", None), ("Finally, sleep.", None)]
    plain = [("Money rarely sleeps around here.", None)] * 20
    structure = structure_of(spoken(*plain, *story, *plain, *steps, *plain))
    assert structure.stories == (Span(100_000, 124_800),)
    assert structure.lists == (Span(225_000, 239_800),)
    assert structure.pauses == ()
    assert structure_of(spoken(*plain[:2], gap_ms=3_000)).pauses == (Span(4_800, 7_800),)


def test_a_story_at_the_end_and_two_steps_are_told_apart() -> None:
    story = [("One day years ago he came home and told me what happened.", None)] * 5
    steps = [("First, buy bread.", None), ("Second, eat bread.", None)]
    structure = structure_of(spoken(*steps, *story))
    assert len(structure.stories) == 1
    assert structure.lists == ()
    assert structure_of(spoken(*story[:2])).stories == ()


def test_pace_is_words_a_minute() -> None:
    assert structure_of(make_talk(60)).pace == pytest.approx(120, abs=2)


def test_a_chunk_has_its_outline() -> None:
    made = interview().transcript
    chunks = chunk_transcript(made, ChunkRule())
    lines = outline_of(made, chunks[1])
    assert lines[0] == "Speakers: Ann, Ben"
    assert any(line.startswith("Topic from ") for line in lines)
    assert any(line.startswith("Questions with answers at ") for line in lines)
