"""Plans written, read back, and refused with a reason."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.engine.clips.captions.styles import load_style
from goviral.engine.clips.plans.plan import (
    PLAN_VERSION,
    CaptionPage,
    Captions,
    CaptionWord,
    ClipPlan,
    CropKey,
    Frame,
    Layout,
    Loudness,
    Shot,
    Source,
    ThumbnailPlan,
)
from goviral.engine.clips.plans.plan_json import dump_plan, load_plan, read_plan
from goviral.engine.clips.plans.word_faults import LONGEST_TITLE
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.timecode import Span

WORD = CaptionWord("naïve \N{PARTY POPPER}", 100, 400, emphasis=True)
PLAN = ClipPlan(
    name="01-why",
    title="Why “we” sleep",
    source=Source("/a b/ü.mp4", "f00", 60_000, 1920, 1080, Fraction(30000, 1001), 0, 1, "bt709"),
    span=Span(1001, 31_031),
    frame=Frame(1080, 1920, Fraction(30000, 1001)),
    shots=(
        Shot(
            Span(0, 10_010),
            Layout.FOLLOW,
            608,
            1080,
            (CropKey(0, 10.5, 0), CropKey(900, 400, 0)),
        ),
        Shot(Span(10_010, 30_030), Layout.FIT),
    ),
    captions=Captions(load_style("punch"), (CaptionPage(Span(100, 900), ((WORD,),)),), "en"),
    loudness=Loudness(-14.0, 3.2, -1.7, -17.2),
    thumbnail=ThumbnailPlan(1200, "Why"),
    notes=("cut short",),
)


def test_a_plan_survives_being_written_and_read() -> None:
    assert load_plan(dump_plan(PLAN)) == PLAN


def test_the_same_plan_is_the_same_text() -> None:
    assert dump_plan(PLAN) == dump_plan(load_plan(dump_plan(PLAN)))


@given(
    fps=st.fractions(min_value=1, max_value=120),
    x=st.floats(0, 1312, allow_nan=False),
    layout=st.sampled_from([Layout.FOLLOW, Layout.FIT, Layout.CANVAS]),
    title=st.text(max_size=LONGEST_TITLE),
)
def test_any_plan_survives(fps: Fraction, x: float, layout: Layout, title: str) -> None:
    shot = Shot(Span(0, 500), layout, 608, 1080, (CropKey(0, x, 0.0),))
    plan = replace(PLAN, title=title, frame=Frame(1080, 1920, fps), shots=(shot,))
    assert load_plan(dump_plan(plan)) == plan


def test_what_an_older_version_did_not_know_gets_its_default() -> None:
    fields = json.loads(dump_plan(PLAN))
    del fields["notes"], fields["source"]["container"], fields["captions"]["style"]["box_radius"]
    assert load_plan(json.dumps(fields)).source == PLAN.source


def edited(**changes: object) -> str:
    return json.dumps({**json.loads(dump_plan(PLAN)), **changes})


SHOTS = json.loads(dump_plan(PLAN))["shots"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 400_000, "is not JSON"),
        ("[1, 2]", "holds no object"),
        ("{}", "it has no version"),
        (edited(version=PLAN_VERSION + 1), "newer goviral"),
        (edited(version="1"), "it has no version"),
        (edited(frame={"width": 1080, "height": "tall", "fps": "30"}), "frame.height"),
        (edited(span={"start_ms": 5, "end_ms": 5}), "is empty"),
        (edited(span={"start_ms": -5, "end_ms": 5}), "is empty"),
        (edited(span={"start_ms": 50_000, "end_ms": 80_000}), "its source at 60000 ms"),
        (edited(frame={"width": 1081, "height": 1920, "fps": "30"}), "1081x1920"),
        (edited(frame={"width": 1080, "height": 1920, "fps": "0"}), "frames a second"),
        (
            edited(frame={"width": 1080, "height": 1920, "fps": "30", "platform": "myspace"}),
            "frame.platform: .*'any', 'tiktok', 'reels' or 'shorts'",
        ),
        (edited(shots=[{**SHOTS[0], "layout": "spam"}, SHOTS[1]]), r"shots\[0\].layout"),
        (edited(title="x" * 301), "its title has 301 characters, more than 300"),
        (edited(thumbnail={"at_ms": 0, "title": "x" * 301}), "thumbnail.title has 301"),
        (edited(shots=[]), "it has no shots"),
        (edited(shots=SHOTS[1:]), r"shots\[0\] does not begin"),
        (edited(shots=[{**SHOTS[0], "crop_width": 0}, SHOTS[1]]), r"shots\[0\] has no crop"),
        (edited(shots=[{**SHOTS[0], "crop_width": 4000}, SHOTS[1]]), "larger than the source"),
        (edited(shots=[{**SHOTS[0], "path": SHOTS[0]["path"][::-1]}, SHOTS[1]]), "order of time"),
        (edited(source={**json.loads(dump_plan(PLAN))["source"], "video_stream": None}), "none"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load_plan(text)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (edited(captoins=None), "captoins"),
        (edited(shots=[{**SHOTS[0], "spam": 1}, SHOTS[1]]), "shots[0].spam"),
        (edited(span={"start_ms": 0, "end_ms": 9000, "until": 1}), "span.until"),
        (
            edited(removals=[{"span": SHOTS[0]["span"], "reason": "hand", "why": ""}]),
            "removals[0].why",
        ),
        (edited(**{"a\nb" * 10_000: 1}), "a?b" * 40 + "…"),
    ],
)
def test_a_field_there_is_not_is_refused_by_its_place(text: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        load_plan(text, "01.plan.json")
    assert caught.value.message == f"01.plan.json has a field that is none of a plan's: {place}."
    assert "update goviral" in caught.value.remedy


def test_a_misspelt_field_is_named_rather_than_the_one_that_is_missing_for_it() -> None:
    fields = json.loads(dump_plan(PLAN))
    fields["shotz"] = fields.pop("shots")
    with pytest.raises(InputError, match="shotz"):
        load_plan(json.dumps(fields))


def test_a_plan_file_is_found_or_missed_by_name(tmp_path: Path) -> None:
    path = tmp_path / "01.plan.json"
    path.write_text("\ufeff" + dump_plan(PLAN), encoding="utf-8")
    assert read_plan(path) == PLAN
    with pytest.raises(NotFoundError, match="no plan"):
        read_plan(tmp_path / "02.plan.json")
    path.write_bytes(b"\xff\xfe\x00clip")
    with pytest.raises(InputError, match="is not a plan") as caught:
        read_plan(path)
    assert str(path) not in caught.value.remedy
    with pytest.raises(InputError, match="is a folder"):
        read_plan(tmp_path)
