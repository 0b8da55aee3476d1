from typing import Any

import pytest

from goviral.engine.media.page_captions import Track, choose_track

VTT = [{"ext": "vtt", "url": "u"}]
JSON3 = [{"ext": "json3", "url": "u"}]


@pytest.mark.parametrize(
    ("info", "language", "track"),
    [
        ({}, None, None),
        ({"subtitles": None, "automatic_captions": None}, "en", None),
        ({"subtitles": {"en": VTT}}, None, Track("en", automatic=False)),
        ({"subtitles": {"en": VTT, "de": VTT}}, None, None),
        ({"subtitles": {"en": VTT, "de": VTT}}, "de", Track("de", automatic=False)),
        (
            {"subtitles": {"en": VTT, "de": VTT}, "language": "en"},
            None,
            Track("en", automatic=False),
        ),
        ({"subtitles": {"en-US": VTT}}, "en", Track("en-US", automatic=False)),
        ({"subtitles": {"en": VTT}}, "fr", None),
        ({"subtitles": {"live_chat": [{"ext": "json"}]}}, None, None),
        ({"subtitles": {"en": [{"ext": "ttml"}]}}, None, None),
        ({"subtitles": {"en": []}}, None, None),
        ({"automatic_captions": {"en": JSON3}}, None, Track("en", automatic=True)),
        (
            {"automatic_captions": {"de": JSON3, "en": JSON3, "en-orig": JSON3}},
            None,
            Track("en-orig", automatic=True),
        ),
        (
            {"subtitles": {"de": VTT}, "automatic_captions": {"en-orig": JSON3, "de": JSON3}},
            None,
            Track("en-orig", automatic=True),
        ),
        (
            {"subtitles": {"en": VTT}, "automatic_captions": {"en-orig": JSON3, "en": JSON3}},
            None,
            Track("en", automatic=False),
        ),
        ({"automatic_captions": {"en": JSON3, "de": JSON3}}, None, None),
    ],
)
def test_the_track_in_the_spoken_language_is_chosen(
    info: dict[str, Any], language: str | None, track: Track | None
) -> None:
    assert choose_track(info, language) == track
