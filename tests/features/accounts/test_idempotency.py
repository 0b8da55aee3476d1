"""A creating request that named itself is done once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Response
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import text

from goviral.entrypoints.api.app import create_app
from goviral.features.accounts.deps import Router, Writing, require
from goviral.features.accounts.idempotency import forget_answers
from goviral.features.accounts.principal import Principal
from goviral.features.accounts.services import Services
from goviral.kit.clock import utc_now
from goviral.kit.errors import ConflictError
from goviral.kit.settings import Settings
from twins.people import by_key, key_of, make_user
from twins.service import over

router = Router(prefix="/notes", tags=["notes"])
Writer = Annotated[Principal, Depends(require("videos:write"))]


class Note(BaseModel):
    text: str


class NoteOut(BaseModel):
    id: int
    text: str


@router.post("", status_code=201, response_model=NoteOut)
def write(note: Note, session: Writing, _by: Writer, response: Response) -> dict[str, object]:
    statement = text("insert into notes (body) values (:body) returning id")
    number = session.execute(statement, {"body": note.text}).scalar_one()
    if note.text == "fails":
        raise ConflictError("No.")
    response.headers["location"] = f"/notes/{number}"
    return {"id": number, "text": note.text, "secret": "not in the model"}


@pytest.fixture(params=["sqlite", "postgres"])
def services(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Services]:
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        database = settings.database.model_copy(update={"url": url})
        settings = settings.model_copy(update={"database": database})
    with over(settings) as built:
        yield built


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    kind = "integer primary key" if services.database.is_sqlite else "serial primary key"
    with services.database.transaction() as session:
        session.execute(text(f"create table notes (id {kind}, body text)"))
    with TestClient(with_notes(services), headers={"x-api-key": "dev-key"}) as client:
        yield client


def with_notes(services: Services) -> FastAPI:
    app = create_app(services)
    app.include_router(router)
    return app


def named(name: str) -> dict[str, str]:
    return {"idempotency-key": name}


def count(services: Services) -> int:
    with services.database.reading() as session:
        return int(session.execute(text("select count(*) from notes")).scalar_one())


class TestIdempotency:
    def test_the_same_request_gets_the_same_answer(
        self, client: TestClient, services: Services
    ) -> None:
        first, second = (
            client.post("/notes", json={"text": "ü"}, headers=named("a")) for _ in range(2)
        )
        assert (first.status_code, first.json()) == (201, {"id": 1, "text": "ü"})
        assert second.status_code == 201
        assert second.content == first.content
        assert second.headers["location"] == first.headers["location"] == "/notes/1"
        assert "idempotency-replayed" not in first.headers
        assert second.headers["idempotency-replayed"] == "true"
        assert second.headers["content-type"] == first.headers["content-type"]
        assert count(services) == 1

    def test_it_answers_as_it_would_without_a_name(self, client: TestClient) -> None:
        plain = client.post("/notes", json={"text": "x"})
        with_name = client.post("/notes", json={"text": "x"}, headers=named("a"))
        assert with_name.json() == {**plain.json(), "id": 2}
        assert with_name.headers["content-type"] == plain.headers["content-type"]

    def test_another_request_under_the_name_is_422(self, client: TestClient) -> None:
        client.post("/notes", json={"text": "x"}, headers=named("a"))
        for answer in (
            client.post("/notes", json={"text": "y"}, headers=named("a")),
            client.post("/notes?draft=1", json={"text": "x"}, headers=named("a")),
        ):
            assert answer.status_code == 422
            assert answer.json()["error"]["code"] == "idempotency_key_reused"

    def test_others_may_use_the_same_name(self, client: TestClient, services: Services) -> None:
        client.post("/notes", json={"text": "x"}, headers=named("a"))
        other = by_key(key_of(services, make_user(services).id))
        answer = client.post("/notes", json={"text": "x"}, headers={**named("a"), **other})
        assert answer.json()["id"] == 2

    def test_what_failed_may_be_tried_again(self, client: TestClient, services: Services) -> None:
        failed = client.post("/notes", json={"text": "fails"}, headers=named("a"))
        assert failed.status_code == 409
        assert client.post("/notes", json={}, headers=named("a")).status_code == 422
        assert client.post("/notes", json={"text": "x"}, headers=named("a")).status_code == 201
        assert count(services) == 1

    def test_many_at_once_are_done_once(self, client: TestClient, services: Services) -> None:
        def send(_: int) -> tuple[int, bytes]:
            answer = client.post("/notes", json={"text": "x"}, headers=named("a"))
            return answer.status_code, answer.content

        with ThreadPoolExecutor(8) as pool:
            answers = set(pool.map(send, range(16)))
        assert len(answers) == 1
        assert count(services) == 1

    def test_after_a_day_the_name_is_free(self, client: TestClient, services: Services) -> None:
        client.post("/notes", json={"text": "x"}, headers=named("a"))
        tomorrow = replace(services, clock=lambda: utc_now() + timedelta(hours=25))
        with TestClient(with_notes(tomorrow), headers={"x-api-key": "dev-key"}) as later:
            assert later.post("/notes", json={"text": "y"}, headers=named("a")).json()["id"] == 2

    def test_old_answers_are_forgotten(self, client: TestClient, services: Services) -> None:
        client.post("/notes", json={"text": "x"}, headers=named("a"))
        with services.database.transaction() as session:
            forget_answers(session, utc_now() + timedelta(hours=23))
            assert session.execute(text("select count(*) from idempotent_answers")).scalar() == 1
            forget_answers(session, utc_now() + timedelta(hours=25))
            assert session.execute(text("select count(*) from idempotent_answers")).scalar() == 0

    @pytest.mark.parametrize("name", ["", "x" * 256, "a\x01b"])
    def test_a_name_that_is_none_is_refused(self, client: TestClient, name: str) -> None:
        answer = client.post("/notes", json={"text": "x"}, headers=named(name))
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")
