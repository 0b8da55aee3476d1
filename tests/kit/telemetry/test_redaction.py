"""What no log may hold is taken out of it, wherever it stands."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.crypto import new_secret
from goviral.kit.request_id import request_id
from goviral.kit.telemetry.logs import job_id, start_logging
from goviral.kit.telemetry.redaction import MASK, clean, redact, redact_fields

LEAKS = [
    ("the key gvn_zwUR4cfdn7h17SRCTeFYWV91s6CTZxvWM6hXt6Kw09gEQA is wrong", "zwUR4cfd"),
    ("refresh gvr_abcdefghijklmnop", "abcdefghijklmnop"),
    ("link gvl_abcdefghijklmnop", "abcdefghijklmnop"),
    ("secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8G"),
    ("Authorization: Bearer abc.def.ghi", "abc.def"),
    ("authorization=Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
    ("connect to postgresql://user:hunter2@db.example.org/x failed", "hunter2"),
    ("redis://:hunter2@cache:6379/0", "hunter2"),
    ("https://ann:hunter2@example.org/video", "hunter2"),
    ("GET https://b.example.org/clip.mp4?X-Amz-Signature=0123abc&X-Amz-Date=1", "0123abc"),
    ("GET /static/clips/a.mp4?expires=1&signature=deadbeef", "deadbeef"),
    ("https://s.example.org/o?X-Goog-Signature=deadbeef&x=1", "deadbeef"),
    ("OPENAI_API_KEY=sk-proj-0123456789", "0123456789"),
    ('{"api_key": "value0123"}', "value0123"),
    ("{'password': 'hunter2'}", "hunter2"),
    ("client_secret=hunter2 and more", "hunter2"),
    ("key AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
    ("Cookie: session=hunter2", "hunter2"),
    ("PASSWORD: hunter2", "hunter2"),
    ("BEARER abc.def.ghi", "abc.def"),
    # Letters that a pattern takes for an s and an i, and that have no small form that is one.
    ("\u017fecret=hunter2", "hunter2"),
    ("Ba\u017f\u0131c dXNlcjpwYXNz", "dXNlcjpwYXNz"),
]


@pytest.mark.parametrize(("text", "secret"), LEAKS)
def test_a_secret_is_taken_out_of_text(text: str, secret: str) -> None:
    assert secret not in redact(text)
    assert MASK in redact(text)
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v1/videos/{video_id} 200 in 3 ms",
        "job job_01a1f965-3ce1-78c6-a841-0c9cf71c91cd failed: no speech",
        "https://example.org/watch?v=abc&list=1",
        "tokens spent: 1200",
        "the author of this keyboard",
    ],
)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=300))
def test_any_text_can_be_redacted(text: str) -> None:
    assert isinstance(redact(text), str)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=20),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner)))  # fmt: skip
def test_what_is_cleaned_can_be_written_as_json(value: object) -> None:
    json.dumps(clean(value))


def test_fields_that_are_named_secret_are_masked_deeply() -> None:
    fields = {"token": "x1", "nested": [{"Authorization": "y2", "note": "fine"}], "tokens_spent": 5}
    assert redact_fields(fields) == {
        "token": MASK,
        "nested": [{"Authorization": MASK, "note": "fine"}],
        "tokens_spent": 5,
    }


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    start_logging("INFO", "json", process="worker", out=stream)
    yield stream
    root.handlers[:], root.level = before, level
    logging.captureWarnings(False)


def test_every_line_is_json_with_ids_and_without_secrets(out: io.StringIO) -> None:
    tokens = request_id.set("req_1"), job_id.set("job_1")
    key = f"gvn_{new_secret(24)}"
    logging.getLogger("any.library").warning("bad key %s", key, extra={"password": key, "n": 1})
    request_id.reset(tokens[0])
    job_id.reset(tokens[1])
    try:
        raise ValueError(f"with {key}")
    except ValueError:
        logging.getLogger("ours").exception("it broke")
    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["request_id"], first["job_id"], first["process"]) == ("req_1", "job_1", "worker")
    assert (first["level"], first["logger"], first["n"]) == ("warning", "any.library", 1)
    assert "ValueError" in second["exception"]
    assert "request_id" not in second
    assert key not in out.getvalue()


def test_a_terminal_gets_text(out: io.StringIO) -> None:
    start_logging("INFO", "text", out=out)
    logging.getLogger("ours").info("hello")
    assert "hello" in out.getvalue()
    assert not out.getvalue().startswith("{")
