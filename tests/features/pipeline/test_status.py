"""How runs stand: each with its own stages and what its job says."""

from datetime import UTC, datetime, timedelta

import pytest

from features.library.shelf import add_video
from goviral.features.accounts.services import Services
from goviral.features.library.models import Video
from goviral.features.pipeline.models import PipelineRun, StageRun
from goviral.features.pipeline.status import status_of, statuses
from goviral.kit.errors import NotFoundError
from goviral.kit.ids import new_id
from goviral.kit.jobs.models import Job

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def add_run(services: Services, video: Video, state: str, job_state: str, stages: str = "") -> str:
    run_id, job_id = new_id("run"), new_id("job")
    with services.database.transaction() as session:
        session.add(
            Job(
                id=job_id,
                name="pipeline.run",
                queue="media",
                state=job_state,
                progress=0.1,
                error_code="worker_lost" if job_state == "dead" else None,
            )
        )
        run = {"id": run_id, "owner_id": video.owner_id, "video_id": video.id, "job_id": job_id}
        session.add(PipelineRun(**run, state=state, wishes={"until": "clips"}))
        session.flush()
        for number, stage in enumerate(stages.split()):
            session.add(
                StageRun(
                    id=new_id("stg"),
                    owner_id=video.owner_id,
                    run_id=run_id,
                    video_id=video.id,
                    stage=stage,
                    state="running",
                    started_at=NOON - timedelta(seconds=number),
                )
            )
    return run_id


def test_every_run_has_its_own_stages_in_the_order_they_began(services: Services) -> None:
    video = add_video(services)
    runs = [
        add_run(services, video, "running", "running", stages)
        for stages in ("ingest", "", "audio ingest")
    ]
    with services.database.looking() as looking:
        first = statuses(looking, video.owner_id, limit=2)
        rest = statuses(looking, video.owner_id, cursor=first.next_cursor, limit=2)
        none = statuses(looking, video.owner_id, PipelineRun.video_id == "another")
    shown = [*first.items, *rest.items]
    assert [run["id"] for run in shown] == runs[::-1]
    assert [[stage["stage"] for stage in run["stages"]] for run in shown] == [
        ["ingest", "audio"],
        [],
        ["ingest"],
    ]
    assert shown[2]["stages"][0]["progress"] == pytest.approx(0.1 / 0.15, abs=1e-3)
    assert none.items == []


def test_a_run_is_found_by_its_video_too_and_never_by_a_stranger(services: Services) -> None:
    video = add_video(services)
    _, newest = (add_run(services, video, "running", "running") for _ in range(2))
    with services.database.looking() as looking:
        assert status_of(looking, video.owner_id, video.id)["id"] == newest
        for owner, wanted in (("usr_stranger", newest), ("usr_stranger", video.id)):
            with pytest.raises(NotFoundError, match=f"^There is no pipeline run {wanted}"):
                status_of(looking, owner, wanted)


@pytest.mark.parametrize(
    ("state", "job_state", "said"),
    [
        ("running", "running", ("running", 0.1, None)),
        ("running", "dead", ("failed", 0.1, "worker_lost")),
        ("queued", "cancelled", ("cancelled", 0.1, None)),
        ("succeeded", "running", ("succeeded", 1.0, None)),
    ],
)
def test_a_run_that_was_not_told_ends_as_its_job_did(
    services: Services, state: str, job_state: str, said: tuple[str, float, str | None]
) -> None:
    video = add_video(services)
    run_id = add_run(services, video, state, job_state)
    with services.database.looking() as looking:
        shown = status_of(looking, video.owner_id, run_id)
    assert (shown["state"], shown["progress"], shown["error_code"]) == said


def test_a_run_whose_job_is_forgotten_stands_as_it_was_written(services: Services) -> None:
    video = add_video(services)
    run_id = add_run(services, video, "failed", "dead")
    with services.database.transaction() as session:
        session.delete(session.get_one(Job, session.get_one(PipelineRun, run_id).job_id))
    with services.database.looking() as looking:
        shown = status_of(looking, video.owner_id, run_id)
    assert (shown["state"], shown["progress"], shown["error_code"]) == ("failed", 0.0, None)
