"""A video is deleted, and clips are edited and stopped, while workers are busy with them."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select, update

from features.library.conftest import RunJobs
from features.library.shelf import DEV, add_clip, add_moment, add_video, plan_of
from features.pipeline.test_model_runs import recording
from goviral.engine.llm.client import Usage
from goviral.engine.llm.runs import ModelRun as Call
from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, ClipState, Video
from goviral.features.pipeline.models import PipelineRun, Stage
from goviral.features.pipeline.resting import put_down
from goviral.kit.db.base import Base
from goviral.kit.errors import AppError, NotFoundError
from goviral.kit.jobs.models import Job

_KINDS = ("videos/", "clips/", "thumbnails/", "work/")
_SHORT = {"count": 1, "min_ms": 3000, "max_ms": 6000}


def wait_for(true: Callable[[], Any]) -> None:
    until = time.monotonic() + 120
    while not true():
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.01)


def _stored(services: Services) -> set[str]:
    """Every key of the store; a bucket holds what other tests left too."""
    return {one.key for kind in _KINDS for one in services.store.list(kind)}


def start(api: TestClient, video: Video, **wishes: object) -> dict[str, Any]:
    answer = api.post(
        "/api/v1/pipeline/start", json={"video_id": video.id, "moments": _SHORT, **wishes}
    )
    assert answer.status_code == 202, answer.text
    run: dict[str, Any] = answer.json()
    return run


@pytest.mark.parametrize("place", ["stage of the moments", "encode"])
def test_a_video_deleted_in_the_middle_of_its_run_leaves_nothing(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs, place: str
) -> None:
    others = _stored(services) - {key for key in _stored(services) if video.id in key}
    run = start(api, video)
    worker = threading.Thread(target=run_jobs)
    worker.start()
    tmp = services.settings.server.data_dir / "tmp"
    if place == "encode":
        wait_for(lambda: any(_size(one) > 10_000 for one in tmp.rglob("*.part.mp4")))
    else:
        wait_for(lambda: _stage(services, run["id"]) in ("audio", "moments"))
    gone = api.delete(f"/api/v1/videos/{video.id}").json()
    assert gone["jobs_cancelled"] == 1
    worker.join(120)
    assert not worker.is_alive()
    with services.database.transaction() as session:  # its time is in ten minutes
        assert session.get_one(Job, run["job_id"]).state in ("cancelled", "dead")
        session.execute(update(Job).where(Job.state == "queued").values(run_at=services.clock()))
    run_jobs()
    assert _rows_about(services, video.id) == {}
    assert _stored(services) == others
    assert _left(tmp) == []
    with services.database.reading() as session:
        assert session.get(Job, run["job_id"]) is None
    assert api.get(f"/api/v1/pipeline/status/{run['id']}").status_code == 404


def test_a_stage_that_ends_while_its_video_is_deleted_ends_as_one_that_is_gone(
    services: Services, video: Video
) -> None:
    calls, recorder = recording(services, video)
    gone: list[BaseException] = []

    def end_while_it_is_deleted() -> None:
        try:
            with recorder.stage(Stage.MOMENTS):
                calls.add(Call("m", "moments", "1", "", 5, Usage(1, 2), 1, "ok"))
                deleting.wait(120)
        except AppError as error:
            gone.append(error)

    deleting = threading.Event()
    stage = threading.Thread(target=end_while_it_is_deleted)
    stage.start()
    wait_for(lambda: _stage(services, "run_1"))
    with services.database.transaction() as session:
        (job,) = session.scalars(select(Job)).all()
        services.queue.cancel(session, job.id)
        session.execute(delete(Video))
        session.flush()
        deleting.set()
        time.sleep(0.5)
    stage.join(120)
    assert [type(error) for error in gone] == [NotFoundError]


def test_a_cancelled_run_is_over_at_once_and_no_clip_is_said_to_be_rendered(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    run = start(api, video)
    worker = threading.Thread(target=run_jobs)
    worker.start()
    tmp = services.settings.server.data_dir / "tmp"
    wait_for(lambda: any(_size(one) > 10_000 for one in tmp.rglob("*.part.mp4")))
    api.post(f"/api/v1/pipeline/cancel/{run['id']}")
    worker.join(120)
    with services.database.reading() as session:
        row = session.get_one(PipelineRun, run["id"])
        assert (row.state, row.finished_at is not None) == ("cancelled", True)
    extraction = api.get(f"/api/v1/videos/{video.id}/clip-extraction-status").json()
    assert (extraction["state"], extraction["rendering"], extraction["planned"]) == (
        "cancelled",
        0,
        1,
    )


def test_a_cancelled_run_that_an_administrator_runs_anew_goes_on(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    run = start(api, video, until="moments")
    api.post(f"/api/v1/pipeline/cancel/{run['id']}")
    assert api.post(f"/api/v1/admin/jobs/{run['job_id']}/retry").status_code == 200
    run_jobs()
    assert api.get(f"/api/v1/pipeline/status/{run['id']}").json()["state"] == "succeeded"


def test_a_run_anew_of_a_video_that_another_run_holds_changes_nothing(
    api: TestClient, video: Video, run_jobs: RunJobs
) -> None:
    first = start(api, video, until="moments")
    api.post(f"/api/v1/pipeline/cancel/{first['id']}")
    second = start(api, video, until="audio")
    api.post(f"/api/v1/admin/jobs/{first['job_id']}/retry")
    run_jobs()
    states = [api.get(f"/api/v1/pipeline/status/{one['id']}").json() for one in (first, second)]
    jobs = [api.get(f"/api/v1/admin/jobs/{one['job_id']}").json() for one in (first, second)]
    agree = {("cancelled", "cancelled"), ("succeeded", "succeeded")}
    assert {(s["state"], j["status"]) for s, j in zip(states, jobs, strict=True)} <= agree
    assert states[1]["state"] == "succeeded"


def test_an_edited_clip_that_cannot_be_rendered_says_so_and_keeps_its_film(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    clip = add_clip(services, video, add_moment(services, video), plan=plan_of(video))
    services.store.put(video.key or "", b"no film any more", "video/mp4")
    plan = api.get(f"/api/v1/clips/{clip.id}/plan").json()["plan"]
    change = {"version": clip.version, "plan": {**plan, "title": "Another"}}
    edited = api.put(f"/api/v1/clips/{clip.id}/plan", json=change)
    assert edited.status_code == 200, edited.text
    run_jobs()
    shown = api.get(f"/api/v1/clips/{clip.id}").json()
    assert shown["state"] == "failed"
    assert shown["error_message"]
    assert shown["output_path"] == clip.output_path


def test_an_edit_may_not_ask_for_more_picture_than_a_machine_holds(
    api: TestClient, services: Services, video: Video
) -> None:
    clip = add_clip(services, video, add_moment(services, video), plan=plan_of(video))
    plan = api.get(f"/api/v1/clips/{clip.id}/plan").json()["plan"]
    edited = {**plan, "frame": {**plan["frame"], "width": 100_000}}
    change = {"version": clip.version, "plan": edited}
    answer = api.put(f"/api/v1/clips/{clip.id}/plan", json=change)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_plan")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"captoins": None}, "The plan has a field that is none of a plan's: captoins."),
        ({"shots": []}, "The plan cannot be rendered: it has no shots."),
        ({"title": "x" * 10_000}, "The plan cannot be rendered: its title has 10000 characters,"),
    ],
)
def test_an_edited_plan_that_cannot_be_read_is_told_by_its_field_and_changes_nothing(
    api: TestClient, services: Services, video: Video, change: dict[str, Any], message: str
) -> None:
    clip = add_clip(services, video, add_moment(services, video), plan=plan_of(video))
    before = api.get(f"/api/v1/clips/{clip.id}/plan").json()
    edited = {"version": clip.version, "plan": {**before["plan"], **change}}
    answer = api.put(f"/api/v1/clips/{clip.id}/plan", json=edited)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_plan")
    assert answer.json()["error"]["message"].startswith(message)
    assert api.get(f"/api/v1/clips/{clip.id}/plan").json() == before


def test_a_film_that_was_overtaken_by_a_newer_edit_is_not_put_in_its_place(
    api: TestClient, services: Services, video: Video, run_jobs: RunJobs
) -> None:
    start(api, video, until="clips")
    run_jobs()
    (clip,) = api.get(f"/api/v1/videos/{video.id}/clips").json()["items"]
    plan = api.get(f"/api/v1/clips/{clip['id']}/plan").json()
    api.put(f"/api/v1/clips/{clip['id']}/plan", json=plan)
    worker = threading.Thread(target=run_jobs)
    worker.start()
    wait_for(lambda: api.get(f"/api/v1/clips/{clip['id']}").json()["state"] == "rendering")
    newer = {"version": 3, "rendered_version": 3, "sha256": "the newer film's"}
    with services.database.transaction() as session:
        row = session.get_one(Clip, clip["id"])
        for name, value in {**newer, "state": "ready"}.items():
            setattr(row, name, value)
    worker.join(120)
    shown = api.get(f"/api/v1/clips/{clip['id']}").json()
    assert {name: shown[name] for name in newer} == newer
    assert shown["state"] == "ready"


def test_clips_that_nobody_renders_any_more_are_put_down(services: Services, video: Video) -> None:
    moment = add_moment(services, video)
    rendering = ClipState.RENDERING.value
    old = add_clip(services, video, moment, state=rendering)
    new = add_clip(services, video, moment, state=rendering)
    with services.database.transaction() as session:
        session.get_one(Clip, new.id).key = None
        assert put_down(session) == 2
    with services.database.reading() as session:
        assert session.get_one(Clip, old.id).state == "ready"
        assert session.get_one(Clip, new.id).state == "planned"


def test_a_moment_of_another_video_is_no_wish_of_this_one(
    api: TestClient, services: Services, video: Video
) -> None:
    other = add_moment(services, _another(services))
    wanted = {"video_id": video.id, "moment_ids": [other.id]}
    assert api.post("/api/v1/pipeline/start", json=wanted).status_code == 404
    wanted = {"moment_ids": [other.id]}
    assert api.post(f"/api/v1/videos/{video.id}/render", json=wanted).status_code == 404


def _another(services: Services) -> Video:
    return add_video(services, b"film", DEV)


def _stage(services: Services, run_id: str) -> str | None:
    with services.database.reading() as session:
        return session.scalar(select(PipelineRun.stage).where(PipelineRun.id == run_id))


def _rows_about(services: Services, video_id: str) -> dict[str, int]:
    found = {}
    with services.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if "video_id" in table.columns:
                mine = select(func.count()).select_from(table)
                count = session.scalar(mine.where(table.columns["video_id"] == video_id)) or 0
                found[table.name] = count
    return {name: count for name, count in found.items() if count}


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _left(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*")) if folder.exists() else []
