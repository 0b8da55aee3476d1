import json

import pytest

from goviral.engine.moments.spans import read_spans
from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.timecode import Span


@pytest.mark.parametrize(
    "document",
    [
        [{"start_ms": 1, "end_ms": 2}],
        [{"startMs": 1, "endMs": 2, "title": "x"}],
        {"moments": [{"start_ms": 1, "end_ms": 2}]},
    ],
)
def test_spans_are_read_in_every_spelling(tmp_path, document):
    path = tmp_path / "spans.json"
    path.write_text(json.dumps(document))
    assert read_spans(path) == (Span(1, 2),)


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"start_ms": -1, "end_ms": 5}]', '{"a": 1}'])
def test_a_broken_file_says_how_it_should_look(tmp_path, text):
    path = tmp_path / "spans.json"
    path.write_text(text)
    with pytest.raises(InputError, match="Write a list"):
        read_spans(path)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(NotFoundError, match="no file"):
        read_spans(tmp_path / "spans.json")
