"""One emoji that goes with a title, by its words; the first word that has one decides."""

import json
import re
from functools import cache

from goviral.engine.clips.thumbnails.packs.packs import FOLDER

_USUAL = "👀"


def emoji_for(title: str) -> str:
    """The emoji of the first telling word; a pair of eyes where no word tells."""
    words = re.findall(r"[^\W\d_]+", title.lower().replace("’", "'"))
    known = _by_word()
    found = [known[word] for word in words if word in known]
    telling = [emoji for emoji in found if emoji != known["why"]]
    return next(iter([*telling, *found]), _USUAL)


@cache
def _by_word() -> dict[str, str]:
    table: dict[str, str] = json.loads((FOLDER / "emoji.json").read_text("utf-8"))
    return {word: emoji for emoji, words in table.items() for word in words.split()}
