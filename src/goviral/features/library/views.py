"""Videos and clips as they are shown, without objects of their rows."""

from typing import Any

from goviral.features.library.models import Clip, Video, source_of
from goviral.features.library.schemas import ClipOut, VideoOut
from goviral.kit.db.view import Columns, View

_SOURCES = ("source_url", "upload_id", "source_key")

VIDEOS = View(Video, "video", [*(VideoOut.model_fields.keys() - {"source"}), *_SOURCES])
CLIPS = View(Clip, "clip", list(ClipOut.model_fields))


def shown_video(columns: Columns) -> dict[str, Any]:
    """For `VideoOut`: the columns with their `source`."""
    columns["source"] = source_of(*(columns[name] for name in _SOURCES))
    return columns
