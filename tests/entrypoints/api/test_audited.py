"""Every operation that changes accounts, credentials, webhooks or others' work is in the audit log."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from goviral.features.accounts.logins import open_session
from goviral.features.accounts.models import AuditEntry, User
from goviral.features.accounts.principal import SCOPES
from goviral.features.accounts.services import Services
from goviral.kit.jobs.models import Job
from twins.people import make_user
from twins.resources import MAKERS, PUBLIC
from twins.service import app_over
from twins.world import DOCUMENTED, World

_ADMINISTRATIVE = {"accounts", "auth", "webhooks", "jobs"}
SENT_AGAIN = {
    "POST /api/v1/webhooks/{subscription_id}/test",
    "POST /api/v1/webhooks/deliveries/{delivery_id}/replay",
}
"""They change nothing: a delivery is made, which has a log of its own."""
CHANGING = [
    operation
    for operation, said in DOCUMENTED.items()
    if not operation.startswith(("GET", "HEAD", "OPTIONS"))
    and _ADMINISTRATIVE & set(said.get("tags", ()))
    and operation not in PUBLIC | SENT_AGAIN
]


def written(services: Services) -> int:
    with services.database.reading() as session:
        return session.scalar(select(func.count(AuditEntry.id))) or 0


def logged_in(services: Services, user: User) -> str:
    with services.database.transaction() as session:
        return open_session(services, session, user.id, frozenset(SCOPES), "test").access_token


def finish(services: Services, job_id: str, state: str) -> None:
    with services.database.transaction() as session:
        job = session.get(Job, job_id)
        assert job is not None
        job.state = state


@pytest.mark.parametrize("operation", CHANGING)
def test_it_leaves_a_line(services: Services, operation: str) -> None:
    admin = make_user(services, "admin")
    with TestClient(app_over(services)) as client:
        ids = {name: make(services, admin) for name, make in MAKERS.items()}
        if "/jobs/" in operation:
            finish(services, ids["job_id"], "queued" if "cancel" in operation else "dead")
        if "/users/" in operation:
            ids["user_id"] = make_user(services).id
        world = World(client, ids, "", "", "")
        token = logged_in(services, admin)
        before = written(services)
        answer = world.send(operation, token)
    assert answer.is_success, answer.text
    assert written(services) > before


def test_there_is_something_to_test() -> None:
    assert len(CHANGING) > 15
    assert set(DOCUMENTED) >= SENT_AGAIN
