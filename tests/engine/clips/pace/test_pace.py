"""Which words are cut closer on, which B-roll is shown where, and when music makes room."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.clips.plans.test_played import plan_of
from engine.clips.render.test_pace_rendered import RED, colored
from engine.clips.scenes import look_at
from engine.media.reels import tone, write_film
from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.graph.music_graph import RAMP_MS, gain_expression
from goviral.engine.clips.pace.inserts import (
    LONGEST_MS,
    SHORTEST_MS,
    Stock,
    choose_inserts,
    tags_of,
)
from goviral.engine.clips.pace.pace import Bed, PaceWishes, spoken_spans, with_pace
from goviral.engine.clips.pace.punch_in import choose_zooms, faces_fit
from goviral.engine.clips.pace.stock import read_stock
from goviral.engine.clips.plans.pace_faults import pace_fault
from goviral.engine.clips.plans.plan import (
    CaptionPage,
    Captions,
    CaptionWord,
    ClipPlan,
    CropKey,
    Frame,
    Insert,
    Layout,
    Loudness,
    Music,
    Removal,
    Shot,
    Zoom,
)
from goviral.engine.clips.plans.plan_json import dump_plan, fault_of, load_plan
from goviral.engine.clips.plans.played import timeline_of
from goviral.engine.clips.plans.screen import ScreenBox
from goviral.engine.media.signals import Levels
from goviral.engine.transcripts.document import Sentence, Transcript, Word
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.timecode import Span, frame_at, frame_start_ms

FPS = Fraction(25)
FOLLOW = Shot(Span(0, 20_000), Layout.FOLLOW, 600, 1066, (CropKey(0, 600, 0),))
FLAT = Levels(0, 10, (-20.0,) * 2000, -40.0)


def words_of(text: str, *, step_ms: int = 400, pauses: tuple[int, ...] = ()) -> list[Word]:
    """A word every 400 ms of which 350 are spoken; a second of pause before the words in `pauses`."""
    words, at = [], 0
    for index, part in enumerate(text.split()):
        at += 1000 if index in pauses else 0
        words.append(Word(part, at, at + 350))
        at += step_ms
    return words


def captions_of(words: list[Word], *emphasised: int) -> Captions:
    rows = [
        CaptionWord(word.text, word.start_ms, word.end_ms, at in emphasised)
        for at, word in enumerate(words)
    ]
    pages = [CaptionPage(Span(row.start_ms, row.end_ms), ((row,),)) for row in rows]
    return Captions(load_style("clean"), tuple(pages), "en")


def transcript_of(words: list[Word]) -> Transcript:
    text = " ".join(word.text for word in words)
    sentence = Sentence(0, text, words[0].start_ms, words[-1].end_ms)
    return Transcript((sentence,), tuple(words), "en")


def line_of(*removed: tuple[int, int], length_ms: int = 20_000) -> ClipPlan:
    return plan_of(length_ms, *removed)


class TestPunchIns:
    words = words_of(
        "one two three four five six seven. eight nine ten eleven twelve thirteen", pauses=(7,)
    )

    def zooms(self, captions: Captions, levels: Levels = FLAT, *shots: Shot) -> tuple[Zoom, ...]:
        return choose_zooms(captions, levels, shots or (FOLLOW,), timeline_of(line_of()))

    def test_it_begins_with_the_word_and_ends_with_the_phrase(self) -> None:
        (zoom,) = self.zooms(captions_of(self.words, 4))
        assert zoom.span == Span(1600, 2720)  # the frame that holds the end of "seven."
        assert zoom.factor > 1

    def test_frames_are_whole(self) -> None:
        for zoom in self.zooms(captions_of(self.words, 3, 9)):
            for at in (zoom.span.start_ms, zoom.span.end_ms):
                assert frame_start_ms(frame_at(at, FPS), FPS) == at

    def test_none_in_the_first_second_nor_close_to_another(self) -> None:
        assert self.zooms(captions_of(self.words, 0, 1)) == ()
        assert len(self.zooms(captions_of(self.words, 3, 4, 5, 7))) == 1

    def test_a_camera_cut_ends_it(self) -> None:
        first = replace(FOLLOW, span=Span(0, 2600))
        second = replace(FOLLOW, span=Span(2600, 20_000))
        (zoom,) = self.zooms(captions_of(self.words, 4), FLAT, first, second)
        assert zoom.span == Span(1600, 2600)

    def test_a_whole_picture_is_left_alone(self) -> None:
        assert self.zooms(captions_of(self.words, 4), FLAT, Shot(Span(0, 20_000), Layout.FIT)) == ()

    def test_without_marked_words_the_loudest_long_one_counts(self) -> None:
        loud = [-14.0 if 1600 <= at * 10 < 1950 else -20.0 for at in range(2000)]
        (zoom,) = self.zooms(captions_of(self.words), replace(FLAT, db=tuple(loud)))
        assert zoom.span.start_ms == 1600
        assert self.zooms(captions_of(self.words)) == ()

    def test_removals_are_jumped_over(self) -> None:
        plan = line_of((1700, 2400))
        (zoom,) = choose_zooms(captions_of(self.words, 4), FLAT, (FOLLOW,), timeline_of(plan))
        assert timeline_of(plan).span(zoom.span).duration_ms >= 850

    def test_a_face_that_fills_the_frame_is_not_cut_closer(self) -> None:
        plan = replace(line_of(), shots=(FOLLOW,), captions=captions_of(self.words, 4))
        transcript = transcript_of(self.words)
        for height, wanted in ((200, 1), (380, 0)):
            seen = look_at(lambda _, size=height: (900, 400, size), seconds=20)
            made = with_pace(plan, transcript, PaceWishes(punch_in=True), FLAT, look=seen)
            assert len(made.zooms) == wanted

    def test_a_face_at_the_edge_would_be_cut_off(self) -> None:
        frame = Frame(1080, 1920, FPS)
        assert faces_fit([ScreenBox(300, 400, 400, 400)], frame)
        assert not faces_fit([ScreenBox(20, 400, 400, 400)], frame)
        assert not faces_fit([ScreenBox(200, 400, 600, 600)], frame)


def stock(name: str, *tags: str, length_ms: int | None = 8000) -> Stock:
    return Stock(name, f"print of {name}", length_ms, tags_of([name, *tags]))


class TestInserts:
    text = "now this is the story of my morning. then coffee cups came out to the harbour and we left again"
    words = words_of(text, pauses=(8, 12))

    def chosen(
        self, *known: Stock, removed: tuple[tuple[int, int], ...] = ()
    ) -> tuple[Insert, ...]:
        return choose_inserts(self.words, timeline_of(line_of(*removed)), known)

    def test_a_film_is_shown_from_the_pause_before_its_word(self) -> None:
        (insert,) = self.chosen(stock("Coffee-Cup_01.mp4"), stock("forest.mp4"))
        pause = self.words[7].end_ms
        assert insert.span.start_ms == pause
        assert insert.span.end_ms >= self.words[9].end_ms
        assert SHORTEST_MS <= insert.span.duration_ms <= LONGEST_MS
        assert insert.path == "Coffee-Cup_01.mp4"
        assert insert.words == ("coffee", "cup")
        assert insert.start_ms > 0

    def test_rare_words_count_more_and_a_film_is_used_once(self) -> None:
        known = [
            stock("a.mp4", "morning"),
            stock("b.mp4", "coffee"),
            stock("c.mp4", "coffee", "cup"),
        ]
        (insert,) = self.chosen(*known)
        assert insert.path == "c.mp4"

    def test_what_is_left_out_of_the_clip_shows_nothing(self) -> None:
        at = self.words[9]
        removed = ((at.start_ms - 40, at.end_ms + 400),)
        assert self.chosen(stock("coffee.mp4"), removed=removed) == ()

    def test_its_length_is_that_of_what_is_played(self) -> None:
        end_ms = self.words[7].end_ms
        removed = ((end_ms + 80, end_ms + 880),)
        line = timeline_of(line_of(*removed))
        (insert,) = choose_inserts(self.words, line, [stock("coffee.mp4")])
        assert SHORTEST_MS <= line.span(insert.span).duration_ms <= LONGEST_MS + 40

    def test_a_still_is_shown_too_and_a_film_of_half_a_second_is_not(self) -> None:
        (insert,) = self.chosen(stock("coffee.png", length_ms=None))
        assert (insert.still, insert.start_ms) == (True, 0)
        assert self.chosen(stock("coffee.mp4", length_ms=500)) == ()

    def test_the_title_is_left_alone(self) -> None:
        line = timeline_of(line_of())
        assert choose_inserts(self.words, line, [stock("coffee.mp4")], head_ms=6000) == ()

    @settings(max_examples=30, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["coffee", "harbour", "and", "forest.", "light"]),
            min_size=1,
            max_size=40,
        ),
        st.sets(st.integers(0, 40)),
        st.randoms(use_true_random=False),
    )
    def test_they_are_apart_whatever_is_said_and_the_same_in_any_order(
        self, said: list[str], pauses: set[int], random: object
    ) -> None:
        words = words_of(" ".join(said), pauses=tuple(pauses))
        known = [
            stock(f"{name}{n}.mp4", name)
            for name in ("coffee", "harbour", "forest")
            for n in (1, 2)
        ]
        line = timeline_of(line_of((4000, 5000)))
        inserts = choose_inserts(words, line, known)
        random.shuffle(known)  # type: ignore[attr-defined]
        assert inserts == choose_inserts(words, line, known)
        for one, other in pairwise(inserts):
            assert line.at(other.span.start_ms) - line.at(one.span.end_ms) >= 5000 - 40
        assert pace_fault(replace(line_of((4000, 5000)), inserts=inserts)) == ""

    @pytest.mark.parametrize(
        ("name", "tags"),
        [
            ("CoffeeCups_final-02", ("coffee", "cup")),
            ("IMG_2041", ()),
            ("cities at night", ("city", "night")),
            ("bus glass news", ("bus", "glass", "new")),
            ("東京", ("東京",)),
        ],
    )
    def test_names_become_plain_words(self, name: str, tags: tuple[str, ...]) -> None:
        assert tags_of([name]) == tags


class TestStock:
    def test_names_tags_and_sidecars_all_count(self, tmp_path: Path) -> None:
        colored(tmp_path / "red.mp4", [RED], frames=30)
        colored(tmp_path / "IMG_1.mp4", [RED], frames=30)
        Image.new("RGB", (40, 40)).save(tmp_path / "boat.jpg")
        (tmp_path / "tags.json").write_text('{"IMG_1.mp4": ["harbour"], "red": "anger, love"}')
        (tmp_path / "boat.json").write_text('{"tags": ["sea"]}')
        found = read_stock(tmp_path)
        assert [(Path(s.path).name, s.tags) for s in found.stock] == [
            ("IMG_1.mp4", ("harbour",)),
            ("boat.jpg", ("boat", "sea")),
            ("red.mp4", ("anger", "love", "red")),
        ]
        assert found.stock[1].duration_ms is None
        assert found.stock[2].duration_ms == 1200

    def test_what_cannot_be_used_is_named_and_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "broken.mp4").write_bytes(b"nothing")
        (tmp_path / "broken.png").write_bytes(b"nothing")
        write_film(tmp_path / "sound.mp4", (), tone(1))
        (tmp_path / "readme.txt").write_text("x")
        found = read_stock(tmp_path)
        assert found.stock == ()
        assert [note.split()[1] for note in found.notes] == [
            "broken.mp4",
            "broken.png",
            "sound.mp4",
        ]

    @pytest.mark.parametrize("text", ["[", "[]", '{"a.mp4": [1]}', '{"a.mp4": 3}'])
    def test_tags_that_cannot_be_read_are_said(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "tags.json").write_text(text)
        with pytest.raises(InputError, match=r"tags\.json"):
            read_stock(tmp_path)

    def test_a_folder_there_is_not_is_said(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no B-roll folder"):
            read_stock(tmp_path / "none")


def gain_at(expression: str, at_s: float) -> float:
    """ffmpeg's expression, in Python."""
    known = {
        "pow": pow,
        "min": min,
        "lt": lambda a, b: a < b,
        "clip": lambda x, low, high: max(low, min(high, x)),
        "when": lambda test, yes, no: yes if test else no,
        "t": at_s,
    }
    return float(20 * np.log10(eval(expression.replace("if(", "when("), {}, known)))


class TestMusic:
    bed = Bed("bed.mp3", "f", -12.0)

    def test_it_is_ten_below_the_voice_and_ten_more_in_speech(self) -> None:
        words = words_of("one two three four five six", pauses=(3,))
        plan = replace(line_of(), loudness=Loudness(-14.0, 6.0, -1.7, -20.0))
        music = with_pace(plan, transcript_of(words), PaceWishes(), bed=self.bed).music
        assert music is not None
        assert music.gain_db == -18.0
        expression = gain_expression(music)
        assert gain_at(expression, 1.0) == pytest.approx(-28)
        assert gain_at(expression, (words[2].end_ms + 500) / 1000) == pytest.approx(-18)
        assert gain_at(expression, 15.0) == pytest.approx(-18)

    def test_short_pauses_are_speech(self) -> None:
        words = [Word("a", 1000, 1500), Word("b", 2100, 2500), Word("c", 3300, 3600)]
        assert spoken_spans(transcript_of(words), Span(1000, 9000)) == (
            Span(0, 1500),
            Span(2300, 2600),
        )

    def test_sentences_will_do_where_words_are_not_known(self) -> None:
        known = Transcript((Sentence(0, "x", 500, 900), Sentence(1, "y", 3000, 4000)))
        assert spoken_spans(known, Span(600, 3500)) == (Span(0, 300), Span(2400, 2900))

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 5000)), max_size=30),
        st.integers(0, 66_000),
    )
    def test_it_is_down_throughout_speech_and_never_jumps(
        self, speech: list[tuple[int, int]], at_ms: int
    ) -> None:
        spans = tuple(Span(start, start + length) for start, length in speech)
        expression = gain_expression(Music("m", "f", -8.0, 12.0, spans))
        gain = gain_at(expression, at_ms / 1000)
        if any(span.contains(at_ms) for span in spans):
            assert gain == pytest.approx(-20, abs=0.01)
        if all(at_ms < s.start_ms - RAMP_MS or at_ms > s.end_ms + RAMP_MS for s in spans):
            near = [
                s
                for s in spans
                if abs(s.start_ms - at_ms) < 2 * RAMP_MS or abs(s.end_ms - at_ms) < 2 * RAMP_MS
            ]
            assert near or gain == pytest.approx(-8, abs=0.01)
        assert abs(gain_at(expression, (at_ms + 5) / 1000) - gain) <= 12 * 5 / RAMP_MS + 0.02


def test_wishes_for_nothing_change_nothing() -> None:
    plan = line_of()
    assert with_pace(plan, transcript_of(words_of("a b c")), PaceWishes()) is plan


class TestFaults:
    span = Span(1000, 2000)

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"removals": (Removal(Span(0, 20_000), "hand"),)}, "leave nothing"),
            ({"removals": (Removal(Span(500, 500), "hand"),)}, r"removals\[0\] is empty"),
            ({"removals": (Removal(Span(30_000, 31_000), "hand"),)}, "outside the clip"),
            ({"zooms": (Zoom(span, 0.5),)}, r"factor of zooms\[0\]"),
            ({"zooms": (Zoom(span, float("nan")),)}, r"factor of zooms\[0\]"),
            ({"zooms": (Zoom(span, 1.2), Zoom(Span(1900, 2400), 1.1))}, "two of its zooms overlap"),
            ({"inserts": (Insert(span, "a", "f", mode="left"),)}, "mode of inserts"),
            ({"inserts": (Insert(span, "a", "f", start_ms=-1),)}, "before its file"),
            ({"inserts": (Insert(span, "a", "f"), Insert(span, "b", "f"))}, "inserts overlap"),
            ({"music": Music("a", "f", 99.0, 10.0)}, "gain of its music"),
            ({"music": Music("a", "f", 0.0, -3.0)}, "duck_db"),
            ({"music": Music("a", "f", 0.0, 3.0, (Span(5, 4),))}, "speech ends before"),
        ],
    )
    def test_each_is_named(self, wrong: dict[str, object], told: str) -> None:
        plan = replace(line_of(), **wrong)  # type: ignore[arg-type]
        with pytest.raises(InputError, match=told):
            load_plan(dump_plan(plan))

    def test_a_plan_with_everything_is_read_back_the_same(self) -> None:
        plan = replace(
            line_of((1200, 1400)),
            zooms=(Zoom(self.span, 1.2),),
            inserts=(Insert(Span(3000, 4000), "a.mp4", "f", 200, "corner", words=("cup",)),),
            music=Music("m.mp3", "f", -12.0, 10.0, (Span(0, 400),)),
        )
        assert fault_of(plan) == ""
        assert load_plan(dump_plan(plan)) == plan
        assert json.loads(dump_plan(plan))["removals"][0]["reason"] == "hand"
