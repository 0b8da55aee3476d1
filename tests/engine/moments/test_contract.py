import json
from pathlib import Path
from typing import Any

import pytest

from goviral.engine.moments.contract import (
    MomentPayload,
    ScorecardPayload,
    ServiceResult,
    parse_request,
    scorecard_to_viral_score,
    viral_score_to_scorecard,
)
from goviral.engine.moments.moment import Moment, Reason, Scorecard
from goviral.engine.moments.payloads import (
    moment_payload,
    talk_of,
    transcript_of,
    webhook_addresses,
)
from goviral.kit.errors import InputError
from goviral.kit.timecode import Span

SNAKE: dict[str, Any] = {
    "job_id": "job-1",
    "transcript": {
        "language": "English",
        "sentences": [
            {"id": 1, "text": "Hello there.", "start_ms": 0, "end_ms": 900, "speaker": "A"}
        ],
        "words": [
            {"text": "Hello", "start_ms": 0, "end_ms": 400, "probability": 0.9},
            {"text": "there.", "start_ms": 400, "end_ms": 900},
        ],
    },
    "metadata": {
        "title": "T",
        "language": "en",
        "duration_ms": 900,
        "description": "D",
        "speaker_names": {"A": "Ann"},
    },
    "webhooks": {"result_url": "https://a/r", "progress_url": "https://a/p"},
    "options": {
        "min_ms": 1000,
        "max_ms": 2000,
        "count": 3,
        "about": "cats",
        "chunk_duration_ms": 60000,
        "chunk_overlap_ms": 1000,
        "max_concurrency": 2,
        "model": "m",
        "temperature": 0.5,
        "max_output_tokens": 900,
        "output_case": "camel",
    },
    "openai_api_key": "sk-job",
}


def camel(value: Any) -> Any:
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    head_low = {key: key.split("_") for key in value}
    return {
        parts[0] + "".join(part.title() for part in parts[1:]): camel(value[key])
        for key, parts in head_low.items()
    }


class TestRequest:
    def test_both_cases_are_the_same_request(self) -> None:
        snake, camelled = parse_request(SNAKE), parse_request(camel(SNAKE))
        assert camel(SNAKE) != SNAKE
        assert snake == camelled
        assert snake.options.chunk_duration_ms == 60_000
        assert snake.metadata.speaker_names == {"A": "Ann"}
        assert snake.webhooks.progress_url == "https://a/p"
        assert snake.openai_api_key is not None
        assert snake.openai_api_key.get_secret_value() == "sk-job"

    def test_the_key_is_never_shown(self) -> None:
        request = parse_request(SNAKE)
        assert "sk-job" not in repr(request) + request.model_dump_json()

    def test_the_least_is_a_job_and_a_transcript(self) -> None:
        request = parse_request({"job_id": 12, "transcript": {}, "unknown": {"x": 1}})
        assert request.job_id == "12"
        assert (request.options.min_ms, request.options.max_ms) == (40_000, 90_000)

    @pytest.mark.parametrize(
        "written",
        [
            {"webhooks": {"result_url": "https://a/r"}},
            {"webhooks": {"resultUrl": "https://a/r"}},
            {"webhooks": {"completion_url": "https://a/r"}},
            {"webhooks": {"completionUrl": "https://a/r"}},
            {"webhook": {"url": "https://a/r"}},
            {"webhook": "https://a/r"},
            {"webhookEndpoints": {"result": "https://a/r"}},
            {"webhook_endpoints": {"completion": "https://a/r"}},
            {"webhook_url": "https://a/r"},
            {"webhookUrl": "https://a/r"},
            {"completionWebhookUrl": "https://a/r"},
        ],
    )
    def test_the_result_address_is_read_however_it_is_written(
        self, written: dict[str, Any]
    ) -> None:
        request = parse_request({"job_id": "1", "transcript": {}, **written})
        assert request.webhooks.result_url == "https://a/r"

    def test_addresses_beside_the_rest_join_the_group(self) -> None:
        written = {"progress_webhook_url": "https://a/p", "webhooks": {"result": "https://a/r"}}
        request = parse_request({"job_id": "1", "transcript": {}, **written})
        assert request.webhooks.result_url == "https://a/r"
        assert request.webhooks.progress_url == "https://a/p"

    def test_times_may_be_called_start_and_end_and_be_floats(self) -> None:
        rows = {
            "sentences": [{"text": "a", "start": 1.4, "end": 9.6}],
            "words": [{"word": "a", "start": 1.0, "end": 2.0, "confidence": 1}],
        }
        request = parse_request({"id": "1", "transcript": rows})
        assert (request.transcript.sentences[0].start_ms, request.transcript.words[0].end_ms) == (
            1,
            2,
        )
        assert request.transcript.sentences[0].end_ms == 10

    @pytest.mark.parametrize(
        ("payload", "named"),
        [
            (None, "request"),
            ([], "request"),
            ("{}", "request"),
            ({}, "job_id"),
            ({"job_id": ""}, "job_id"),
            ({"job_id": True, "transcript": {}}, "job_id"),
            ({"job_id": "1"}, "transcript"),
            ({"job_id": "1", "transcript": []}, "transcript"),
            ({"job_id": "1", "transcript": {"sentences": [{"text": "a"}]}}, "sentences.0"),
            (
                {
                    "job_id": "1",
                    "transcript": {"words": [{"text": "a", "start_ms": -1, "end_ms": 2}]},
                },
                "words.0",
            ),
            (
                {
                    "job_id": "1",
                    "transcript": {"words": [{"text": "a", "start_ms": 1e30, "end_ms": 2}]},
                },
                "words.0",
            ),
            ({"job_id": "1", "transcript": {}, "webhooks": 5}, "webhooks"),
            (
                {"job_id": "1", "transcript": {}, "options": {"min_ms": 90_000, "max_ms": 40_000}},
                "options",
            ),
            ({"job_id": "1", "transcript": {}, "options": {"max_concurrency": 0}}, "max"),
            ({"job_id": "1", "transcript": {}, "options": {"temperature": "hot"}}, "temperature"),
        ],
    )
    def test_what_does_not_fit_is_named_in_one_line(self, payload: Any, named: str) -> None:
        with pytest.raises(InputError, match=named) as caught:
            parse_request(payload)
        assert "\n" not in str(caught.value)

    def test_a_key_is_not_in_the_error(self) -> None:
        with pytest.raises(InputError) as caught:
            parse_request({"openai_api_key": "sk-secret", "transcript": "sk-secret"})
        assert "sk-secret" not in str(caught.value)


CARD = {"hook": 10, "retention": 20, "emotion": 30, "clarity": 40, "shareability": 50, "total": 30}


class TestScores:
    def test_scorecard_and_viral_score_are_the_same_both_ways(self) -> None:
        card = ScorecardPayload.model_validate(CARD)
        assert scorecard_to_viral_score(card) == CARD
        assert viral_score_to_scorecard(scorecard_to_viral_score(card)) == card

    def test_a_total_is_the_mean_where_there_is_none(self) -> None:
        without = {name: value for name, value in CARD.items() if name != "total"}
        assert viral_score_to_scorecard(without).total == 30
        assert viral_score_to_scorecard({**without, "overall": 77}).total == 77

    def test_one_number_counts_for_all(self) -> None:
        assert set(viral_score_to_scorecard(87).model_dump().values()) == {87}

    @pytest.mark.parametrize(
        "value", [None, "high", {}, {"hook": 1}, 101, -1, True, {**CARD, "hook": 400}]
    )
    def test_what_is_no_score_is_refused(self, value: Any) -> None:
        with pytest.raises(InputError):
            viral_score_to_scorecard(value)


def made() -> Moment:
    return Moment(
        Span(6_600_000, 6_660_000),
        30,
        Scorecard(10, 20, 30, 40, 50, 30),
        "Title",
        "Hook",
        "Quote",
        "story",
        (Reason("model", "why", 1.0, Span(6_600_000, 6_604_000)), Reason("pace", "fast", 0.2)),
    )


class TestMoment:
    def test_a_moment_has_the_fields_of_the_contract(self) -> None:
        told = moment_payload(made()).model_dump(mode="json")
        assert (told["start_ms"], told["end_ms"], told["duration_ms"]) == (
            6_600_000,
            6_660_000,
            60_000,
        )
        assert told["scorecard"] == CARD
        assert told["reasons"][0]["start_ms"] == 6_600_000
        assert told["reasons"][1]["start_ms"] is None
        assert set(told["platforms"]) == {
            "twitter",
            "instagram_reels",
            "youtube_shorts",
            "tiktok",
            "linkedin",
        }

    def test_in_camel_case_the_scorecard_is_the_viral_score(self) -> None:
        payload = moment_payload(made())
        told = payload.model_dump(mode="json", by_alias=True)
        assert told["viralScore"] == CARD
        assert told["startMs"] == 6_600_000
        assert "instagramReels" in told["platforms"]
        assert not any("_" in key for key in told)

    def test_both_forms_are_read_back_as_the_same(self) -> None:
        payload = moment_payload(made())
        for by_alias in (False, True):
            told = payload.model_dump(mode="json", by_alias=by_alias)
            assert MomentPayload.model_validate(told) == payload

    def test_a_missing_duration_is_counted(self) -> None:
        told = moment_payload(made()).model_dump(mode="json")
        del told["duration_ms"]
        assert MomentPayload.model_validate(told).duration_ms == 60_000
        for broken in ({**told, "end_ms": "x"}, {**told, "start_ms": None}, 5):
            with pytest.raises(ValueError, match=r"."):
                MomentPayload.model_validate(broken)


class TestResult:
    def test_it_is_read_back_from_both_cases(self) -> None:
        result = ServiceResult.model_validate(
            {
                "job_id": "1",
                "total_chunks": 2,
                "moments": [moment_payload(made())],
                "metadata": {
                    "moments_before_dedup": 2,
                    "moments_after_dedup": 1,
                    "timings": {"total_ms": 3, "proposals_ms": 2, "assembly_ms": 1},
                },
            }
        )
        for case in ("snake", "camel"):
            told = result.to_json(case)
            assert ServiceResult.model_validate(json.loads(json.dumps(told))) == result
        assert result.to_json()["metadata"]["moments_before_dedup"] == 2
        assert result.to_json("camel")["totalChunks"] == 2


class TestPayloads:
    def test_a_transcript_is_made_of_a_request(self) -> None:
        request = parse_request(SNAKE)
        transcript = transcript_of(request.transcript, request.metadata)
        assert transcript.language == "en"
        assert transcript.sentences[0].speaker == "A"
        assert [word.probability for word in transcript.words] == [0.9, None]

    def test_words_alone_are_enough(self) -> None:
        request = parse_request({**SNAKE, "transcript": {"words": SNAKE["transcript"]["words"]}})
        assert transcript_of(request.transcript, request.metadata).text == "Hello there."

    def test_an_unnamed_language_is_found(self) -> None:
        rows = [
            {"text": "Das ist ein Satz über die große Stadt.", "start_ms": 0, "end_ms": 900}
        ] * 9
        request = parse_request({"job_id": "1", "transcript": {"sentences": rows}})
        assert transcript_of(request.transcript, request.metadata).language == "de"

    @pytest.mark.parametrize(
        "transcript", [{}, {"sentences": [{"text": " ", "start": 0, "end": 9}]}]
    )
    def test_nothing_said_is_bad_input(self, transcript: dict[str, Any]) -> None:
        request = parse_request({"job_id": "1", "transcript": transcript})
        with pytest.raises(InputError):
            transcript_of(request.transcript, request.metadata)

    def test_a_list_of_names_names_themselves(self) -> None:
        request = parse_request(
            {"job_id": "1", "transcript": {}, "metadata": {"speakerNames": ["Ann"]}}
        )
        assert talk_of(request.metadata).speaker_names == {"Ann": "Ann"}

    def test_of_a_broken_request_the_addresses_are_read_if_they_can_be(self) -> None:
        broken = {"job_id": "9", "transcript": 5, "options": 6, "webhook": "https://a/r"}
        addressed = webhook_addresses(broken)
        assert addressed is not None
        assert (addressed.job_id, addressed.webhooks.result_url) == ("9", "https://a/r")
        assert webhook_addresses({"webhook": "https://a/r"}) is None
        assert webhook_addresses([1]) is None


@pytest.mark.parametrize("name", ["process_request", "service_result"])
def test_the_published_schema_is_the_one_of_the_contract(name: str) -> None:
    import importlib.util

    root = Path(__file__).parents[3]
    spec = importlib.util.spec_from_file_location(
        "write_schemas", root / "scripts/write_schemas.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    published = (root / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert published == script.schema_of(name)
    assert "start_ms" in published
