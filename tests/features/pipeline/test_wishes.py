"""What a caller wishes reaches the engine."""

import pytest
from pydantic import ValidationError

from goviral.engine.clips.planning.planner import ClipWishes
from goviral.engine.clips.plans.plan import Platform
from goviral.features.pipeline.wishes import ClipOptions


def test_nothing_wished_is_what_the_engine_does_unasked() -> None:
    assert ClipOptions.model_validate({}).for_engine() == ClipWishes()


def test_what_is_wished_of_clips_is_what_the_engine_is_asked_for() -> None:
    wished = ClipOptions.model_validate(
        {"aspect": "1:1", "layout": "fit", "platform": "reels", "captions": "none", "tighten": True}
    ).for_engine()
    assert (wished.aspect, wished.layout, wished.captions) == ("1:1", "fit", None)
    assert wished.platform is Platform.REELS
    assert wished.pace.tighten


def test_a_platform_there_is_not_is_refused() -> None:
    with pytest.raises(ValidationError, match="platform"):
        ClipOptions.model_validate({"platform": "myspace"})
