"""What models were asked in a run is written down: who, for what, how long, how many tokens, what it cost."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import select, text

from features.library.conftest import RunJobs
from features.library.shelf import DEV, add_video
from features.pipeline.talk import SECONDS
from goviral.client.values import ModelRuns
from goviral.engine.llm.client import Usage
from goviral.engine.llm.runs import ModelRun as Call
from goviral.engine.llm.runs import RunLog
from goviral.features.accounts.services import Services
from goviral.features.library.models import Video
from goviral.features.pipeline.model_runs import cost_micro_usd
from goviral.features.pipeline.models import ModelRun, PipelineRun, Stage
from goviral.features.pipeline.recorder import Recorder
from goviral.kit.errors import CancelledError, InputError
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Job
from goviral.kit.settings import LlmSettings, Settings
from twins.http_server import LocalServer, Reply, Request
from twins.openai_server import JSON, completion, failure

SHORT = {"count": 1, "min_ms": 3000, "max_ms": 6000}
HEARD = {
    "text": "Money is easy.",
    "words": [
        {"word": "Money", "start": 0.1, "end": 0.5},
        {"word": "is", "start": 0.5, "end": 0.8},
        {"word": "easy.", "start": 0.8, "end": 1.4},
    ],
}


class Model:
    """An endpoint for words and for sound; its answers can be changed while it runs."""

    def __init__(self) -> None:
        self.chat = completion(json.dumps({"moments": []}))
        self.heard = Reply(200, json.dumps(HEARD).encode(), JSON)

    def answer(self, request: Request) -> Reply:
        return self.heard if "transcriptions" in request.path else self.chat


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def settings(settings: Settings, model: Model) -> Iterator[Settings]:
    with LocalServer(model.answer) as server:
        llm = LlmSettings(
            api_key=SecretStr("sk-test"),
            base_url=f"{server.url}/v1",
            max_attempts=2,
            max_retry_delay_s=0.05,
            input_usd_per_million=0.5,
            output_usd_per_million=2,
            transcription_usd_per_minute=0.006,
        )
        yield settings.model_copy(update={"llm": llm})


def run(api: TestClient, run_jobs: RunJobs, video: Video, **wishes: object) -> dict[str, Any]:
    """The run of these wishes, when it is over."""
    wanted = {"video_id": video.id, "until": "moments", "moments": SHORT, **wishes}
    started = api.post("/api/v1/pipeline/start", json=wanted)
    assert started.status_code == 202, started.text
    run_jobs()
    shown: dict[str, Any] = api.get(f"/api/v1/pipeline/status/{started.json()['id']}").json()
    return shown


def listed(api: TestClient, video: Video) -> ModelRuns:
    answer = api.get(f"/api/v1/videos/{video.id}/model-runs")
    assert answer.status_code == 200, answer.text
    return ModelRuns.model_validate(answer.json())


def test_a_call_to_a_language_model_is_listed_with_its_tokens_and_cost(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    done = run(api, run_jobs, video)
    assert done["state"] == "succeeded"
    found = listed(api, video)
    (one,) = found.items
    assert (one.run_id, one.stage, one.purpose) == (done["id"], "moments", "moments")
    assert (one.provider, one.model, one.outcome) == ("127.0.0.1", "played-model", "ok")
    assert (one.input_tokens, one.output_tokens, one.cost_micro_usd) == (100, 20, 90)
    assert (one.attempts, one.audio_ms) == (1, 0)
    assert found.totals == {
        "runs": 1,
        "input_tokens": 100,
        "output_tokens": 20,
        "audio_ms": 0,
        "cost_micro_usd": 90,
        "unpriced": 0,
    }


def test_a_call_that_failed_is_listed_with_the_code_and_the_ranking_chooses(
    api: TestClient, video: Video, run_jobs: RunJobs, model: Model
) -> None:
    model.chat = failure(500, "out of order")
    assert run(api, run_jobs, video)["state"] == "succeeded"
    found = listed(api, video)
    (one,) = found.items
    assert (one.outcome, one.attempts, one.cost_micro_usd) == ("llm_server_failed", 2, None)
    assert found.totals["unpriced"] == 1


def test_a_recognisers_run_is_listed_with_the_sound_it_was_given(
    api: TestClient, services: Services, talk: bytes, run_jobs: RunJobs
) -> None:
    video = add_video(services, talk, DEV, duration_ms=SECONDS * 1000)
    done = run(api, run_jobs, video, until="transcribe", engine="openai")
    assert (done["state"], done["error_message"]) == ("succeeded", None)
    (one,) = listed(api, video).items
    assert (one.stage, one.purpose, one.provider) == ("transcribe", "transcribe", "openai")
    assert (one.model, one.outcome) == ("whisper-1", "ok")
    assert abs(one.audio_ms - SECONDS * 1000) < 200
    assert one.cost_micro_usd == round(one.audio_ms * 0.1)


def test_what_a_stage_asked_before_it_failed_is_listed(
    api: TestClient, services: Services, talk: bytes, run_jobs: RunJobs, model: Model
) -> None:
    model.heard = failure(400, "no such format")
    video = add_video(services, talk, DEV, duration_ms=SECONDS * 1000)
    done = run(api, run_jobs, video, until="transcribe", engine="openai")
    assert (done["state"], done["error_code"]) == ("failed", "invalid_input")
    (one,) = listed(api, video).items
    assert (one.stage, one.outcome, one.cost_micro_usd) == ("transcribe", "invalid_input", None)


@pytest.mark.parametrize(
    "error", [CancelledError("Stopped."), InputError("No."), KeyError("a bug")]
)
def test_what_a_stage_asked_is_kept_however_it_ends(
    services: Services, video: Video, error: Exception
) -> None:
    calls, recorder = recording(services, video)

    def ask_and_end() -> None:
        with recorder.stage(Stage.MOMENTS):
            calls.add(Call("m", "moments", "1", "", 5, Usage(1, 2), 1, "ok"))
            raise error

    with pytest.raises(type(error)):
        ask_and_end()
    with services.database.reading() as session:
        (kept,) = session.scalars(select(ModelRun)).all()
    assert (kept.owner_id, kept.video_id, kept.stage) == (DEV, video.id, "moments")
    assert kept.outcome == "ok"


def recording(services: Services, video: Video) -> tuple[RunLog, Recorder]:
    """A recorder of a run whose job is held by this test."""
    with services.database.transaction() as session:
        job = services.queue.enqueue(session, "pipeline.run", {}, owner_id=DEV, queue="publish")
        session.add(PipelineRun(id="run_1", owner_id=DEV, video_id=video.id, job_id=job.id))
        row = session.get_one(Job, job.id)
        row.state, row.worker, row.attempts = "running", "me", 1
    context = JobContext(row, database=services.database, queue=services.queue, services=services)
    calls = RunLog()
    return calls, Recorder(services, context, "run_1", calls)


def test_they_go_with_their_video(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    run(api, run_jobs, video)
    gone = api.delete(f"/api/v1/videos/{video.id}").json()
    assert gone["records"]["model_runs"] == 1
    assert api.get(f"/api/v1/videos/{video.id}/model-runs").status_code == 404
    with services.database.reading() as session:
        assert session.scalars(select(ModelRun)).all() == []


def test_on_postgresql_they_lie_in_their_month(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    if services.database.is_sqlite:
        return  # One table; tests/kit/db tests what that means.
    run(api, run_jobs, video)
    (one,) = listed(api, video).items
    with services.database.reading() as session:
        parts = session.scalars(
            text(
                "select inhrelid::regclass::text from pg_inherits where inhparent = 'model_runs'::regclass"
            )
        ).all()
        lies_in = session.scalar(text("select tableoid::regclass::text from model_runs"))
    assert lies_in == f"model_runs_{one.created_at:%Y_%m}"
    assert lies_in in parts
    assert len(parts) == 5  # this month, three to come, and the default


@pytest.mark.parametrize(
    ("call", "prices", "cost"),
    [
        (Call("m", "p", "", "", 1, Usage(1000, 10), 1, "ok"), (0.15, 0.6), 156),
        (Call("m", "p", "", "", 1, Usage(1000, 10), 1, "ok"), (0, 0), 0),
        (Call("m", "p", "", "", 1, Usage(1000, 10), 1, "ok"), (0.15, None), None),
        (Call("m", "p", "", "", 1, Usage(), 1, "ok"), (0.15, 0.6), None),
        (Call("m", "p", "", "", 1, Usage(), 1, "ok", None, "pocketsphinx", 60_000), (1, 1), 0),
        (Call("m", "p", "", "", 1, Usage(), 1, "ok", None, "openai", 60_000), (1, 1), None),
    ],
)
def test_a_cost_is_what_the_prices_make_it_or_unknown(
    call: Call, prices: tuple[float, float | None], cost: int | None
) -> None:
    asked, answered = prices
    llm = LlmSettings(input_usd_per_million=asked, output_usd_per_million=answered)
    assert cost_micro_usd(call, llm) == cost
