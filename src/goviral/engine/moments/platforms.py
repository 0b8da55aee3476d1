"""Words for each platform, within its limits: from the model where it gave some, else from templates.

Templates only arrange the moment's own words, so they hold in any language. Limits as the platforms
document them in autumn 2026.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from goviral.engine.moments.quotes import shorten

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]")
_NOT_IN_TAG = re.compile(r"[^\w]")
_KEYWORD = re.compile(r"[^\W\d_]{5,}")
_LONGEST_TAG = 30


@dataclass(frozen=True, slots=True)
class Words:
    """What copy is made of: the moment's title, hook and quote, the model's tags and texts if any."""

    title: str
    hook: str
    quote: str
    hashtags: tuple[str, ...] = ()
    texts: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """Limits of one platform, in its own way of counting; `template` sets the tone without a model."""

    longest: int
    hashtags: int
    template: Callable[[Words], str]
    title_longest: int | None = None
    own_tag: str | None = None
    count: Callable[[str], int] = len


def weighted_length(text: str) -> int:
    """Length as X counts it (twitter-text configuration 3): Latin and its like 1, all else 2."""
    return sum(1 if _is_light(ord(character)) else 2 for character in text)


def _is_light(code: int) -> bool:
    return code <= 4351 or 8192 <= code <= 8205 or 8208 <= code <= 8223 or 8242 <= code <= 8247


PLATFORMS: dict[str, Platform] = {
    "twitter": Platform(280, 2, lambda w: f"{w.title}\n\n“{w.hook}”", count=weighted_length),
    "instagram_reels": Platform(2200, 5, lambda w: f"{w.hook}\n\n{w.title}"),
    "youtube_shorts": Platform(
        5000, 3, lambda w: f"{w.hook}\n\n“{w.quote}”", title_longest=100, own_tag="Shorts"
    ),
    "tiktok": Platform(2200, 5, lambda w: f"{w.hook} | {w.title}"),
    "linkedin": Platform(3000, 3, lambda w: f"{w.title}\n\n{w.hook}\n\n“{w.quote}”"),
}


def copy_for_platforms(words: Words) -> dict[str, dict[str, object]]:
    """`{platform: {"text", "hashtags", "title"?}}` for every platform; hashtags without #."""
    return {name: _copy(name, platform, words) for name, platform in PLATFORMS.items()}


def full_length(platform: Platform, text: str, hashtags: Iterable[str]) -> int:
    """Length of a post: its text and, after a space each, its hashtags."""
    return platform.count(" ".join([text, *(f"#{tag}" for tag in hashtags)]))


def clean(text: str) -> str:
    """Without control and direction characters; line ends kept, other white space single."""
    lines = (" ".join(line.split()) for line in _CONTROL.sub(" ", text).splitlines())
    return "\n".join(lines).strip()


def clean_hashtags(tags: Iterable[str], most: int) -> list[str]:
    """At most `most` tags, each a word of letters, digits and _, none twice."""
    cleaned = (_NOT_IN_TAG.sub("", tag)[:_LONGEST_TAG] for tag in tags)
    unique = {tag.casefold(): tag for tag in reversed([*cleaned]) if tag and not tag.isdecimal()}
    return list(reversed(unique.values()))[:most]


def _copy(name: str, platform: Platform, words: Words) -> dict[str, object]:
    wished = words.hashtags or tuple(_KEYWORD.findall(words.title))[:2]
    own = [platform.own_tag] if platform.own_tag else []
    hashtags = clean_hashtags([*own, *wished], platform.hashtags)
    text = clean((words.texts or {}).get(name, "")) or clean(platform.template(words))
    copy: dict[str, object] = {
        "text": _fitted(platform, text, hashtags),
        "hashtags": hashtags,
    }
    if platform.title_longest is not None:
        copy["title"] = shorten(clean(words.title), platform.title_longest)
    return copy


def _fitted(platform: Platform, text: str, hashtags: list[str]) -> str:
    """`text`, shortened as little as it and its hashtags need. It keeps its lines where it fits."""
    if full_length(platform, text, hashtags) <= platform.longest:
        return text
    sizes = range(1, min(len(text), platform.longest) + 1)
    room = bisect_right(
        sizes, platform.longest, key=lambda n: full_length(platform, shorten(text, n), hashtags)
    )
    return shorten(text, max(1, room))
