import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from goviral.engine.llm.clients import find_client
from goviral.engine.moments.chunking import ChunkRule, chunk_transcript
from goviral.engine.moments.moment import Wishes
from goviral.engine.moments.proposals import ProposalRule, propose
from goviral.engine.moments.structure import outline_of, structure_of
from goviral.engine.moments.tokens import tokens_of
from goviral.engine.moments.topics import Cohesion, embedded_cohesion, lexical_cohesion, topics_of
from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.kit.settings import LlmSettings, Settings
from goviral.kit.timecode import Span
from twins.embedders import PrefixEmbedder
from twins.models import honest
from twins.openai_server import OpenAiServer

_STEP_MS = 5_000


def talk_of(texts: Sequence[str], language: str = "en") -> Transcript:
    starts = [n * _STEP_MS for n in range(len(texts))]
    sentences = [
        Sentence(n, text, at, at + 4_800, None)
        for n, (text, at) in enumerate(zip(texts, starts, strict=True))
    ]
    return Transcript(tuple(sentences), (), language)


def spoken(*subjects: str, each: int = 40, language: str = "en") -> Transcript:
    """Sentences of words that are never said again; only their beginnings tell the subject."""
    texts = [
        f"{subject}{chr(97 + n % 26)}{chr(97 + n // 26)}{part} word."
        for part, subject in enumerate(subjects)
        for n in range(each)
    ]
    return talk_of(texts, language)


def test_what_is_meant_parts_topics_that_words_do_not() -> None:
    talk = spoken("bees", "boats", "stars")
    embedder = PrefixEmbedder("bees", "boats", "stars")
    starts = [topic.span.start_ms for topic in structure_of(talk, embedder).topics]
    assert starts == [0, 200_000, 400_000]
    assert [t.span.start_ms for t in structure_of(talk).topics] != starts


def test_everything_but_the_topics_stays_as_it_is() -> None:
    talk = spoken("bees", "boats")
    lexical, embedded = structure_of(talk), structure_of(talk, PrefixEmbedder("bees", "boats"))
    for part in ("turns", "questions", "stories", "lists", "pauses", "pace"):
        assert getattr(lexical, part) == getattr(embedded, part)


BEES = ["Bees carry honey between flowers and their hive."] * 40
BOATS = ["Bees fear boats with honey engines inside."] * 40
OUTLINE = [
    "Topic from 0:00: carry, between, flowers, their",
    "Topic from 3:20: boats, engines, inside, honey",
]


def test_the_outline_names_the_topics_of_the_embedder() -> None:
    talk = talk_of(BEES + BOATS)
    chunks = chunk_transcript(talk, ChunkRule())
    lines = outline_of(talk, chunks[0], PrefixEmbedder("boats"))
    assert [line for line in lines if line.startswith("Topic")] == OUTLINE


def test_a_model_is_told_the_topics_of_the_rules_embedder() -> None:
    embedder = PrefixEmbedder("boats")
    with OpenAiServer(honest()) as server:
        llm = LlmSettings(api_key=SecretStr("sk-test"), base_url=server.base_url)
        client = find_client(Settings(llm=llm))
        assert client is not None
        propose(talk_of(BEES + BOATS), Wishes(), client, rule=ProposalRule(embedder=embedder))
        told = server.calls[0]["messages"][1]["content"]
    assert len(embedder.asked) == 20
    assert all(line in told for line in OUTLINE)


@pytest.mark.parametrize("language", ["de", "und"])
def test_a_language_the_embedder_does_not_know_keeps_its_words(language: str) -> None:
    talk = spoken("bees", "boats", language=language)
    embedder = PrefixEmbedder("bees", "boats")
    assert structure_of(talk, embedder) == structure_of(talk)
    assert embedder.asked == []


def test_words_alike_before_and_after_are_counted() -> None:
    cohesion = lexical_cohesion(tokens_of(["bees carry honey", "honey tastes fine"]))
    assert cohesion.values.tolist() == pytest.approx([1.0, 1 / 3])
    assert cohesion.first.tolist() == [0, 1]
    assert cohesion.window == 8


def test_likeness_is_the_cosine_of_what_lies_on_both_sides() -> None:
    texts = ["bees"] * 4 + ["boats"] * 4
    cohesion = embedded_cohesion(texts, PrefixEmbedder("bees", "boats"))
    assert cohesion.values.tolist() == [1.0, round(1 / 17, 4)]
    assert cohesion.first.tolist() == [0, 4]


def test_a_talk_of_one_unit_is_one_topic() -> None:
    embedder = PrefixEmbedder("bees")
    assert len(structure_of(spoken("bees", each=3), embedder).topics) == 1
    assert embedder.asked == ["beesaa0 word. beesba0 word. beesca0 word."]


@pytest.mark.parametrize("pieces", [400, 4_800, 7_200, 30_000])
def test_what_is_embedded_of_a_long_talk_is_bounded(pieces: int) -> None:
    embedder = PrefixEmbedder("word")
    cohesion = embedded_cohesion(["word " * 20] * pieces, embedder)
    assert len(cohesion.values) == len(embedder.asked) <= 1_200
    assert sum(len(text.split()) for text in embedder.asked) <= 22_000
    assert max(len(text.split()) for text in embedder.asked) <= 50
    assert cohesion.window >= 2
    unit = math.ceil(pieces / len(cohesion.first))
    assert set(np.diff(cohesion.first).tolist()) == {unit}


def test_a_topic_is_named_by_words_said_there_more_than_elsewhere() -> None:
    texts = ["Bees carry honey."] * 3 + ["Boats carry tourists."] * 3 + ["It's 1999999 ants"] * 2
    spans = [Span(n * 90_000, n * 90_000 + 80_000) for n in range(len(texts))]
    cohesion = Cohesion(np.array([1, 1, 1, 0, 1, 1, 1, 1.0]), np.arange(8), 2)
    first, second = topics_of(cohesion, tokens_of(texts), spans)
    assert first.keywords == ("honey", "carry")
    assert second.span == Span(270_000, 710_000)
    assert second.keywords == ("boats", "tourists", "carry")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), min_size=1, max_size=60),
    st.integers(1, 5),
    st.integers(1, 9),
)
def test_topics_follow_each_other_and_leave_nothing_out(
    values: list[float], pieces: int, window: int
) -> None:
    count = len(values) * pieces
    spans = [Span(n * 30_000, n * 30_000 + 29_000) for n in range(count)]
    cohesion = Cohesion(np.array(values), np.arange(0, count, pieces), window)
    topics = list(topics_of(cohesion, tokens_of(["some words"] * count), spans))
    assert topics[0].span.start_ms == 0
    assert topics[-1].span.end_ms == spans[-1].end_ms
    for one, following in pairwise(topics):
        assert following.span.start_ms - one.span.end_ms == 1_000
        assert following.span.start_ms - one.span.start_ms >= 90_000
        assert following.span.start_ms % (30_000 * pieces) == 0
