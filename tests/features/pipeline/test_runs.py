"""A video through all stages: what is made, what is recorded, what is told, what is not done twice."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from features.library.conftest import RunJobs
from features.library.shelf import DEV, add_video
from goviral.engine.media.probe import probe
from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, ClipState, Thumbnail, Video
from goviral.features.pipeline.locks import holder_of, take
from goviral.features.pipeline.models import PipelineRun, VideoLock
from goviral.features.pipeline.runs import settle_all
from goviral.kit.errors import DiskFullError
from goviral.kit.events.models import EventRow
from goviral.kit.jobs.models import Job
from goviral.kit.storage.store import Store
from twins.live import until

START = "/api/v1/pipeline/start"
STATUS = "/api/v1/pipeline/status"
SHORT = {"count": 2, "min_ms": 3000, "max_ms": 6000}


def start(api: TestClient, video: Video, **wishes: object) -> dict[str, object]:
    answer = api.post(START, json={"video_id": video.id, "moments": SHORT, **wishes})
    assert answer.status_code == 202, answer.text
    run: dict[str, object] = answer.json()
    return run


def status(api: TestClient, run_id: object) -> dict[str, object]:
    answer = api.get(f"{STATUS}/{run_id}")
    assert answer.status_code == 200, answer.text
    shown: dict[str, object] = answer.json()
    return shown


def test_a_run_makes_clips_with_thumbnails_and_writes_its_history(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs, tmp_path: Path
) -> None:
    run = start(api, video)
    assert run["state"] == "queued"
    run_jobs()
    done = status(api, run["id"])
    assert (done["state"], done["error_message"], done["progress"]) == ("succeeded", None, 1.0)
    states = {stage["stage"]: stage["state"] for stage in done["stages"]}
    assert states == {
        "ingest": "skipped",
        "audio": "succeeded",
        "transcribe": "skipped",
        "moments": "succeeded",
        "clips": "succeeded",
        "thumbnails": "succeeded",
    }
    assert all(stage["finished_at"] and stage["attempts"] == 1 for stage in done["stages"])
    clips = api.get(f"/api/v1/videos/{video.id}/clips").json()["items"]
    assert len(clips) == 2
    for clip in clips:
        assert (clip["state"], clip["width"], clip["height"]) == ("ready", 1080, 1920)
        assert clip["output_path"]
        assert clip["thumbnail_id"]
    film = tmp_path / "clip.mp4"
    services.store.fetch(f"clips/{clips[0]['id']}.mp4", film)
    assert abs(probe(film).duration_ms - clips[0]["duration_ms"]) < 50
    with services.database.reading() as session:
        told = session.scalars(select(EventRow.type).order_by(EventRow.id)).all()
        assert holder_of(session, video.id) is None
    assert told.count("clip.ready") == 2
    assert told[0] == "pipeline.started"
    assert told[-1] == "pipeline.succeeded"


def test_a_second_run_makes_nothing_twice(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, moments={**SHORT, "count": 1})
    run_jobs()
    with services.database.reading() as session:
        before = {clip.id: clip.updated_at for clip in session.scalars(select(Clip))}
        stills = len(session.scalars(select(Thumbnail)).all())
    again = start(api, video)
    run_jobs()
    states = {stage["stage"]: stage["state"] for stage in status(api, again["id"])["stages"]}
    assert set(states.values()) == {"skipped"}
    with services.database.reading() as session:
        assert {clip.id: clip.updated_at for clip in session.scalars(select(Clip))} == before
        assert len(session.scalars(select(Thumbnail)).all()) == stills


def test_only_one_run_of_a_video_is_under_way(
    api: TestClient, services: Services, video: Video
) -> None:
    run = start(api, video)
    busy = api.post(START, json={"video_id": video.id})
    assert busy.status_code == 409
    assert busy.json()["error"]["code"] == "pipeline_busy"
    assert str(run["id"]) in busy.json()["error"]["message"]
    assert api.post(f"/api/v1/pipeline/cancel/{run['id']}").json()["state"] == "cancelled"
    start(api, video)


def test_a_lock_nobody_renews_is_over_and_another_run_may_take_it(
    services: Services, video: Video
) -> None:
    with services.database.transaction() as session:
        now = services.clock()
        assert take(session, video.id, "run_1", now)
        assert not take(session, video.id, "run_2", now)
        assert take(session, video.id, "run_1", now)
        assert take(session, video.id, "run_2", now + timedelta(minutes=11))
        assert holder_of(session, video.id) == "run_2"


def test_stages_end_where_the_run_was_asked_to(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    run = start(api, video, until="moments")
    run_jobs()
    stages = [stage["stage"] for stage in status(api, run["id"])["stages"]]
    assert stages == ["ingest", "audio", "transcribe", "moments"]
    assert len(api.get(f"/api/v1/videos/{video.id}/moments").json()["items"]) == 2
    assert api.get(f"/api/v1/videos/{video.id}/clips").json()["items"] == []


def test_selected_moments_alone_are_rendered(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, until="moments")
    run_jobs()
    moments = api.get(f"/api/v1/videos/{video.id}/moments").json()["items"]
    wanted = {"moment_ids": [moments[1]["id"]], "aspect": "1:1", "captions": "none"}
    assert api.post(f"/api/v1/videos/{video.id}/render", json=wanted).status_code == 202
    run_jobs()
    (clip,) = api.get(f"/api/v1/videos/{video.id}/clips").json()["items"]
    assert (clip["moment_id"], clip["width"], clip["height"]) == (moments[1]["id"], 1080, 1080)
    extraction = api.get(f"/api/videos/{video.id}/clip-extraction-status").json()
    assert (extraction["state"], extraction["ready"], extraction["total"]) == ("succeeded", 1, 1)


def test_generating_anew_keeps_what_somebody_selected(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, until="moments")
    run_jobs()
    first, second = api.get(f"/api/v1/videos/{video.id}/moments").json()["items"]
    api.patch(f"/api/v1/moments/{second['id']}", json={"state": "selected"})
    wanted = {"count": 1, "min_ms": 7000, "max_ms": 9000}
    answer = api.post(f"/api/videos/{video.id}/generate-moments", json=wanted)
    assert answer.status_code == 202
    run_jobs()
    ids = [moment["id"] for moment in api.get(f"/api/v1/videos/{video.id}/moments").json()["items"]]
    assert second["id"] in ids
    assert first["id"] not in ids
    assert len(ids) == 2


def test_a_film_that_is_none_fails_the_run_with_the_stage_that_said_so(
    api: TestClient, services: Services, run_jobs: RunJobs
) -> None:
    broken = add_video(services, b"this is no film at all", DEV)
    run = start(api, broken)
    run_jobs()
    done = status(api, run["id"])
    assert done["state"] == "failed"
    assert done["error_code"]
    last = done["stages"][-1]
    assert (last["stage"], last["state"]) == ("audio", "failed")
    assert last["error_message"]
    assert "begun" in last["log"]
    with services.database.reading() as session:
        assert session.scalars(select(VideoLock)).all() == []


def test_a_run_whose_worker_died_for_good_is_told_as_failed(
    api: TestClient, services: Services, video: Video
) -> None:
    run = start(api, video)
    with services.database.transaction() as session:
        job = session.get(Job, run["job_id"])
        assert job is not None
        job.state, job.error_code, job.error_message = "dead", "worker_lost", "It died."
    assert status(api, run["id"])["state"] == "failed"
    with services.database.transaction() as session:
        assert settle_all(session, services) == 1
    with services.database.reading() as session:
        row = session.get(PipelineRun, run["id"])
        assert row is not None
        assert (row.state, row.error_code) == ("failed", "worker_lost")
        assert "pipeline.failed" in session.scalars(select(EventRow.type)).all()
    start(api, video)


def test_a_refined_moment_keeps_to_the_lengths_moments_were_found_by(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, until="moments")
    run_jobs()
    api.post(START, json={"video_id": video.id, "until": "moments"})  # finds none, of other lengths
    run_jobs()
    before = api.get(f"/api/v1/videos/{video.id}/moments").json()["items"][0]
    path = f"/api/v1/videos/{video.id}/moments/{before['id']}/refine"
    for wish in ({"start_ms": 0, "end_ms": 4000}, {"instruction": "end one sentence later"}):
        after = api.post(path, json=wish).json()
        assert 3000 <= after["end_ms"] - after["start_ms"] <= 6000
    longer = api.post(path, json={"start_ms": 0, "end_ms": 9000, "max_ms": 12_000}).json()
    assert longer["end_ms"] - longer["start_ms"] > 6000
    assert longer["version"] == before["version"] + 3
    words = api.post(path, json={"instruction": "don't start earlier"})
    assert (words.status_code, words.json()["error"]["code"]) == (422, "not_understood")


def test_the_bar_of_a_run_that_goes_on_begins_where_its_stage_does(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, until="moments")
    run_jobs()
    services.store.put(video.key or "", b"no film any more", "video/mp4")
    run = start(api, video)
    run_jobs()
    shown = status(api, run["id"])
    assert (shown["state"], shown["stage"]) == ("failed", "clips")
    assert shown["progress"] >= 0.5


def test_cancelling_works_in_the_middle_of_an_encode(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    from threading import Thread

    run = start(api, video)
    worker = Thread(target=run_jobs)
    worker.start()

    def is_rendering() -> bool:
        with services.database.reading() as session:
            return ClipState.RENDERING in session.scalars(select(Clip.state)).all()

    until(is_rendering)
    assert api.post(f"/api/v1/pipeline/cancel/{run['id']}").status_code == 200
    worker.join(120)
    assert not worker.is_alive()
    assert status(api, run["id"])["state"] == "cancelled"
    tmp = services.settings.server.data_dir / "tmp"
    assert not tmp.exists() or list(tmp.iterdir()) == []


@pytest.mark.parametrize(
    "wishes",
    [
        {"moments": {"min_ms": 9000, "max_ms": 3000}},
        {"clips": {"aspect": "2:1"}},
        {"until": "nowhere"},
        {"moment_ids": ["mom_unknown"]},
    ],
)
def test_wishes_nobody_can_grant_are_refused(
    api: TestClient, video: Video, wishes: dict[str, object]
) -> None:
    answer = api.post(START, json={"video_id": video.id, **wishes})
    assert answer.status_code in (404, 422), answer.text


class _FullStore:
    """A store without room for the first few files."""

    def __init__(self, store: Store, refuses: int) -> None:
        self._store = store
        self._refuses = refuses

    def put(self, key: str, source: Path | bytes, content_type: str) -> None:
        self._refuses -= 1
        if self._refuses >= 0:
            raise DiskFullError("The disk is full.", remedy="Free some space.")
        self._store.put(key, source, content_type)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_run_that_finds_the_disk_full_goes_on_when_there_is_room(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    object.__setattr__(services, "store", _FullStore(services.store, refuses=4))
    run = start(api, video, until="audio")
    for _ in range(4):
        run_jobs()
        shown = status(api, run["id"])
        assert (shown["state"], shown["error_code"]) == ("running", "disk_full")
        with services.database.transaction() as session:
            job = session.get_one(Job, run["job_id"])
            assert job.run_at > services.clock() + timedelta(seconds=20)
            job.run_at = services.clock()
    run_jobs()
    assert status(api, run["id"])["state"] == "succeeded"
    with services.database.reading() as session:
        assert "pipeline.failed" not in session.scalars(select(EventRow.type)).all()
