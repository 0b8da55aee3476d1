"""The answer asked of a model: a list of proposed moments, read leniently and checked afterwards."""

from math import isnan
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from goviral.engine.moments.moment import Category

_LARGEST = 10**12


def _number(value: Any) -> Any:
    """Some models write numbers as text, with a fraction, or beyond all measure."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or isnan(value):
        return value
    return round(max(-_LARGEST, min(_LARGEST, value)))


Number = Annotated[int, BeforeValidator(_number)]
CategoryName = Annotated[str, WithJsonSchema({"type": "string", "enum": list(get_args(Category))})]


class Scores(BaseModel):
    """0-100 each; what is outside is mended later."""

    hook: Number
    retention: Number
    emotion: Number
    clarity: Number
    shareability: Number


class Posts(BaseModel):
    """A short text for each platform, without hashtags."""

    twitter: str = ""
    instagram_reels: str = ""
    youtube_shorts: str = ""
    tiktok: str = ""
    linkedin: str = ""


class Proposal(BaseModel):
    """One moment as a model sees it. Times in milliseconds of the source, to be trusted by nobody."""

    start_ms: Number
    end_ms: Number
    quote: str = ""
    hook: str = ""
    title: str = ""
    category: CategoryName = "insight"
    scores: Scores
    reason: str = ""
    hashtags: list[str] = []
    posts: Posts = Posts()


class ProposalList(BaseModel):
    """What one call answers: best first, none where nothing is good."""

    moments: list[Proposal]
