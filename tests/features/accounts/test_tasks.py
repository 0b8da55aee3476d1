"""What accounts does at night."""

from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from goviral.entrypoints.api.services import build_schedule
from goviral.features.accounts.models import LoginSession, MagicLink, RefreshToken
from goviral.features.accounts.services import Services
from goviral.features.accounts.tasks import TIDY_TASK, tidy
from goviral.kit.clock import utc_now
from goviral.kit.jobs.context import JobContext
from twins.people import key_of, make_user


def counts(services: Services) -> list[int]:
    with services.database.reading() as session:
        return [
            session.scalar(select(func.count()).select_from(model)) or 0
            for model in (LoginSession, RefreshToken, MagicLink)
        ]


def run(services: Services) -> None:
    with services.database.transaction() as session:
        job = services.queue.enqueue(session, TIDY_TASK, {}, owner_id=None)
    tidy(JobContext(job, database=services.database, queue=services.queue), {})


def test_what_ended_a_week_ago_goes_and_the_rest_stays(api: TestClient, services: Services) -> None:
    for _ in range(2):
        api.post("/auth/token", json={"api_key": key_of(services, make_user(services).id)})
        api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 5})
    run(services)
    assert counts(services) == [2, 2, 2]
    long_ago = utc_now() - timedelta(days=8)
    with services.database.transaction() as session:
        for model in (LoginSession, MagicLink):
            first = session.scalars(select(model.id).order_by(model.id)).first()
            session.execute(update(model).where(model.id == first).values(expires_at=long_ago))
    run(services)
    assert counts(services) == [1, 1, 1]


def test_it_is_in_the_schedule() -> None:
    assert TIDY_TASK in {entry.task for entry in build_schedule()}
