"""What was fetched from an address, and the receipt of it that a later run finds."""

import json
from dataclasses import dataclass
from pathlib import Path

from goviral.kit.files import write_text

_RECEIPT = "source.json"


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """What a page gave. `captions_path` is json3 or VTT; `duration_ms` as the page says, if it does."""

    media_path: Path
    captions_path: Path | None
    title: str
    duration_ms: int | None


def read_receipt(folder: Path, url: str) -> FetchedSource | None:
    """What was fetched from `url` into `folder` before, if all of it is still there."""
    try:
        receipt = json.loads((folder / _RECEIPT).read_text(encoding="utf-8"))
        if receipt["url"] != url:
            return None
        captions = folder / receipt["captions"] if receipt["captions"] else None
        media = folder / receipt["media"]
        duration_ms = receipt["duration_ms"]
        found = FetchedSource(media, captions, receipt["title"], duration_ms)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if media.is_file() and (captions is None or captions.is_file()) else None


def write_receipt(folder: Path, url: str, fetched: FetchedSource) -> None:
    """Keep beside the files what they are, once they are whole."""
    receipt = {
        "url": url,
        "media": fetched.media_path.name,
        "captions": fetched.captions_path.name if fetched.captions_path else None,
        "title": fetched.title,
        "duration_ms": fetched.duration_ms,
    }
    write_text(folder / _RECEIPT, json.dumps(receipt, ensure_ascii=False, indent=2) + "\n")
