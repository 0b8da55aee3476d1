"""Any valid transcript in, every invariant out; any malformed one gives a typed error."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goviral.engine.llm.client import LlmRequest
from goviral.engine.llm.clients.recorded import ScriptedClient
from goviral.engine.moments.contract import ServiceResult, parse_request
from goviral.engine.moments.dedup import is_double
from goviral.engine.moments.handler import handle_sync
from goviral.engine.moments.platforms import PLATFORMS, full_length
from goviral.engine.moments.processor import Services
from goviral.engine.transcripts.document import Transcript
from goviral.kit.errors import AppError
from goviral.kit.settings import LlmSettings, Settings
from goviral.kit.timecode import Span
from twins.talks import payload_of, talks

SETTINGS = Settings(llm=LlmSettings.model_validate({"api_key": None, "base_url": None}))
MIN_MS, MAX_MS = 5_000, 20_000
OPTIONS = {
    "min_ms": MIN_MS,
    "max_ms": MAX_MS,
    "chunk_duration_ms": 40_000,
    "chunk_overlap_ms": 4_000,
}
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])

number = st.one_of(
    st.integers(-(10**6), 10**8), st.floats(allow_nan=False, allow_infinity=False, width=32)
)
text = st.one_of(st.sampled_from(("", "So why?", "größer", "نعم ؟", "🔥", "x" * 400)), st.text())
wild_proposals = st.lists(
    st.fixed_dictionaries(
        {
            "start_ms": number,
            "end_ms": number,
            "quote": text,
            "hook": text,
            "title": text,
            "category": text,
            "scores": st.fixed_dictionaries(
                dict.fromkeys(("hook", "retention", "emotion", "clarity", "shareability"), number)
            ),
            "reason": text,
            "hashtags": st.lists(text, max_size=4),
            "posts": st.dictionaries(st.sampled_from([*PLATFORMS]), text),
        }
    ),
    max_size=4,
)


def run(talk: Transcript, answer: Any) -> ServiceResult:
    scripted = ScriptedClient(lambda _: json.dumps({"moments": answer}))
    services = Services(SETTINGS, lambda *_: scripted)
    payload = {"job_id": "1", "transcript": payload_of(talk), "options": OPTIONS}
    return ServiceResult.model_validate(handle_sync(payload, services))


def check(result: ServiceResult, talk: Transcript) -> None:
    first, last = talk.sentences[0].start_ms, talk.duration_ms
    shortest = min(MIN_MS, last - first)
    spans = []
    for moment in result.moments:
        span = Span(moment.start_ms, moment.end_ms)
        spans.append(span)
        assert first <= span.start_ms < span.end_ms <= last
        assert moment.duration_ms == span.duration_ms
        assert shortest <= moment.duration_ms <= MAX_MS
        for word in talk.words:
            assert not word.start_ms < span.start_ms < word.end_ms
        inside = talk.words_in(span)
        if inside:
            assert inside[0].start_ms - span.start_ms <= 2_000
        assert moment.quote.strip()
        assert moment.title.strip()
        assert len(moment.title) <= 80
        assert len(moment.hook) <= 200
        for reason in moment.reasons:
            assert reason.start_ms is not None
        for name, platform in PLATFORMS.items():
            copy = getattr(moment.platforms, name)
            assert full_length(platform, copy.text, copy.hashtags) <= platform.longest
    assert not any(is_double(a, b) for i, a in enumerate(spans) for b in spans[:i])
    totals = [sum(_judged(moment)) for moment in result.moments]
    assert totals == sorted(totals, reverse=True)


def _judged(moment: Any) -> list[int]:
    card = moment.scorecard
    return [card.hook, card.retention, card.emotion, card.clarity, card.shareability]


@quick
@given(talks(), wild_proposals)
def test_whatever_a_model_says_the_result_keeps_the_rules(talk: Transcript, answer: Any) -> None:
    check(run(talk, answer), talk)


@quick
@given(talks(), st.integers(0, 23), st.integers(1, 6))
def test_a_proposal_of_real_sentences_is_found_where_it_is(
    talk: Transcript, at: int, count: int
) -> None:
    said = talk.sentences[min(at, len(talk.sentences) - 1)]
    last = talk.sentences[min(said.id + count, len(talk.sentences) - 1)]
    scores = dict.fromkeys(("hook", "retention", "emotion", "clarity", "shareability"), 50)
    proposal = {
        "start_ms": said.start_ms,
        "end_ms": last.end_ms,
        "quote": said.text,
        "scores": scores,
    }
    check(run(talk, [proposal]), talk)


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                (
                    "job_id",
                    "transcript",
                    "sentences",
                    "words",
                    "text",
                    "start_ms",
                    "end_ms",
                    "options",
                )
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)


def error_of(call: Callable[[], Any]) -> AppError | None:
    """The typed error of a call; any other error is a failed test."""
    try:
        call()
    except AppError as error:
        return error
    return None


@settings(max_examples=150, deadline=None)
@given(json_values)
def test_any_payload_gives_a_request_or_a_typed_error(payload: Any) -> None:
    error = error_of(lambda: parse_request(payload))
    assert error is None or (error.code == "invalid_input" and "\n" not in str(error))


rows = st.lists(
    st.fixed_dictionaries(
        {
            "text": st.sampled_from(("", " ", "Hello.", "why")),
            "start_ms": st.integers(0, 10**8),
            "end_ms": st.integers(0, 10**8),
        }
    ),
    max_size=6,
)


@quick
@given(rows, rows)
def test_any_rows_give_a_result_or_a_typed_error(sentences: Any, words: Any) -> None:
    def silent(_: LlmRequest) -> str:
        return '{"moments": []}'

    services = Services(SETTINGS, lambda *_: ScriptedClient(silent))
    transcript = {"sentences": sentences, "words": words}
    payload = {"job_id": "1", "transcript": transcript}
    error = error_of(lambda: handle_sync(payload, services))
    assert error is None or error.code == "invalid_input"
