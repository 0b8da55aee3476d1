"""Names and sizes of the shapes a clip is made in."""

from fractions import Fraction

import pytest

from goviral.engine.clips.planning.planner import ASPECTS
from goviral.engine.clips.plans.plan import Frame, Platform
from goviral.engine.clips.plans.variants import (
    Variant,
    is_preview,
    preview_frame,
    variant_names,
    variant_of,
    variants,
)

ONE = (Variant("9:16"),)
TWO = (Variant("9:16"), Variant("1:1"))


def test_one_shape_leaves_the_name_alone() -> None:
    assert variant_names("01-why", ONE) == ("01-why",)


def test_several_shapes_are_told_apart() -> None:
    names = variant_names("01-why", TWO)
    assert names == ("01-why.9x16", "01-why.1x1")
    assert [variant_of(name) for name in names] == ["9x16", "1x1"]
    assert variant_of("01-why") == ""


def test_tall_clips_alone_are_made_for_each_platform_and_named_after_it() -> None:
    both = Platform.TIKTOK, Platform.SHORTS
    tall = variants(["9:16"], both)
    assert variant_names("01-why", tall) == ("01-why.tiktok", "01-why.shorts")
    three = variants(["9:16", "1:1"], both)
    assert three == (Variant("9:16", both[0]), Variant("9:16", both[1]), Variant("1:1"))
    names = variant_names("01-why", three)
    assert names == ("01-why.9x16.tiktok", "01-why.9x16.shorts", "01-why.1x1")


def test_one_platform_leaves_the_name_alone() -> None:
    assert variant_names("01-why", variants(["9:16"], [Platform.REELS])) == ("01-why",)


def test_a_preview_says_so_in_its_name() -> None:
    assert variant_names("01-why", ONE, preview=True) == ("01-why.preview",)
    (name, _) = variant_names("01-why", TWO, preview=True)
    assert name == "01-why.9x16.preview"
    assert is_preview(name)
    assert not is_preview("01-preview")


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_preview_has_the_same_shape_at_half_the_size(aspect: str) -> None:
    width, height = ASPECTS[aspect]
    small = preview_frame(Frame(width, height, Fraction(25)))
    assert small.width % 2 == small.height % 2 == 0
    assert small.width == pytest.approx(width / 2, abs=1)
    assert small.height == pytest.approx(height / 2, abs=1)
