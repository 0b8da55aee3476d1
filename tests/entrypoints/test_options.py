"""The command line repeats a few names, to answer `--help` without loading the engine; they must agree."""

import inspect
from typing import get_args

import pytest
import typer

from goviral.engine.clips.planning.planner import ASPECTS
from goviral.engine.clips.plans.plan import Platform
from goviral.engine.transcripts.engines import ENGINES
from goviral.entrypoints.cli import options
from goviral.entrypoints.cli.commands.clip import clip
from goviral.features.pipeline.wishes import PlatformName


def test_the_engines_offered_are_the_engines_there_are():
    assert {engine.value for engine in options.Engine} == {"auto", *ENGINES}


def test_the_shapes_offered_are_the_shapes_there_are():
    assert {aspect.value for aspect in options.Aspect} == set(ASPECTS)


def test_the_platforms_offered_are_the_platforms_there_are():
    assert [name.value for name in options.Platform] == [name.value for name in Platform]
    assert list(get_args(PlatformName)) == [name.value for name in Platform]
    assert options.platforms_of("tiktok, shorts,tiktok") == ("tiktok", "shorts")
    with pytest.raises(typer.BadParameter, match="myspace"):
        options.platforms_of("myspace")


def test_no_style_is_named_where_the_brand_or_the_engine_has_its_own():
    assert inspect.signature(clip).parameters["captions"].default is None


def test_lengths_become_milliseconds():
    assert options.check_lengths(40, 90.5) == (40_000, 90_500)


@pytest.mark.parametrize(
    ("given", "both"),
    [
        ((None, None), (40_000, 90_000)),
        ((None, 60.0), (40_000, 60_000)),
        ((None, 30.0), (15_000, 30_000)),
        ((None, 6.0), (5_000, 6_000)),
        ((60.0, None), (60_000, 90_000)),
        ((120.0, None), (120_000, 240_000)),
        ((400.0, None), (400_000, 600_000)),
    ],
)
def test_a_length_that_is_not_given_fits_the_other(given, both):
    assert options.check_lengths(*given) == both


def test_crossed_lengths_are_bad_use():
    with pytest.raises(typer.BadParameter, match="more than"):
        options.check_lengths(90, 40)


def test_the_encoders_and_exports_offered_are_those_there_are():
    from goviral.engine.clips.exports.formats import EXPORTS
    from goviral.engine.media.encoder_choice import CHOICES

    assert {encoder.value for encoder in options.Encoder} == set(CHOICES)
    assert set(options.exports_of(",".join(EXPORTS))) == set(EXPORTS)
    with pytest.raises(typer.BadParameter, match=", ".join(EXPORTS)):
        options.exports_of("premiere")


def test_the_thumbnail_styles_offered_are_those_there_are():
    from goviral.engine.clips.thumbnails.packs.packs import DEFAULT_PACKS, STYLES
    from goviral.engine.clips.thumbnails.thumbnails import SIZES
    from goviral.entrypoints.cli.commands.thumbnail import Shape, Style

    assert {style.value for style in Style} == set(STYLES)
    assert {shape.value for shape in Shape} == set(SIZES)
    assert options.thumbnails_of("s1, S4") == DEFAULT_PACKS
    assert options.thumbnails_of("none") == ()
    assert {pair for name in STYLES for pair in options.thumbnails_of(name)} == set(STYLES)


@pytest.mark.parametrize("text", ["S7", "S1,S2,S3", ","])
def test_other_thumbnail_styles_are_bad_use(text):
    with pytest.raises(typer.BadParameter):
        options.thumbnails_of(text)
