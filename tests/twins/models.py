"""Models that play along or against us: they read the prompt as a real one would."""

import json
import re
from collections.abc import Callable
from typing import Any

from twins.http_server import Reply
from twins.openai_server import completion

SCORES = {"hook": 80, "retention": 70, "emotion": 60, "clarity": 75, "shareability": 65}


def lines_of(call: dict[str, Any]) -> list[tuple[int, str]]:
    """Times and texts of the transcript in a call, the end mark last."""
    user = call["messages"][1]["content"]
    found = re.findall(r"^\[(\d+)\] (?:\w+: )?(.*)$", user, re.MULTILINE)
    return [(int(time), text) for time, text in found]


def proposal(start_ms: int, end_ms: int, quote: str = "", **more: Any) -> dict[str, Any]:
    """One proposed moment as a model writes it."""
    return {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "quote": quote,
        "hook": "You will not believe this",
        "title": "A title",
        "category": "story",
        "scores": SCORES,
        "reason": "It is told well.",
        "hashtags": ["one", "two"],
        "posts": {
            "twitter": "For X",
            "instagram_reels": "For Reels",
            "youtube_shorts": "For Shorts",
            "tiktok": "For TikTok",
            "linkedin": "For LinkedIn",
        },
        **more,
    }


def answer(*proposals: dict[str, Any], **how: Any) -> Reply:
    """An answer with these moments."""
    return completion(json.dumps({"moments": list(proposals)}), **how)


def honest(per_chunk: int = 1) -> Callable[[dict[str, Any]], Reply]:
    """Proposes sixty seconds from the fourth line on, `per_chunk` times in a row, and quotes rightly."""

    def play(call: dict[str, Any]) -> Reply:
        lines = lines_of(call)
        found = []
        for number in range(per_chunk):
            first = min(3 + 14 * number, max(0, len(lines) - 14))
            last = min(first + 12, len(lines) - 1)
            found.append(proposal(lines[first][0], lines[last][0], lines[first][1]))
        return answer(*found)

    return play
