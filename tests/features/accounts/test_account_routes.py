"""Users, keys, clients and the audit log, as their routes show them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from goviral.features.accounts.logins import open_session
from goviral.features.accounts.models import ApiKey, User
from goviral.features.accounts.principal import SCOPES
from goviral.features.accounts.services import Services
from goviral.kit.clock import utc_now
from twins.people import PASSWORD, by_key, by_token, key_of, make_user
from twins.service import app_over

KEYS = "/api/v1/keys"
USERS = "/api/v1/users"


def logged_in(client: TestClient, services: Services, role: str = "editor") -> dict[str, str]:
    user = make_user(services, role, password=PASSWORD)
    body = {"email": user.email, "password": PASSWORD}
    return by_token(client.post("/auth/token", json=body).json()["access_token"])


class TestUsers:
    def test_are_made_shown_and_changed(self, api: TestClient) -> None:
        body = {"email": "Ann@Example.org", "password": PASSWORD, "roles": ["viewer"]}
        made = api.post(USERS, json=body)
        assert made.status_code == 201
        assert "password" not in made.text
        user = made.json()
        assert (user["email"], user["plan"], user["roles"]) == (
            "ann@example.org",
            "free",
            ["viewer"],
        )
        changed = api.patch(f"{USERS}/{user['id']}", json={"plan": "pro", "roles": ["editor"]})
        assert (changed.json()["plan"], changed.json()["roles"]) == ("pro", ["editor"])
        assert api.get(f"{USERS}/{user['id']}").json() == changed.json()
        assert {one["id"] for one in api.get(USERS).json()["items"]} == {user["id"], "usr_dev"}

    def test_an_address_is_taken_once(self, api: TestClient) -> None:
        api.post(USERS, json={"email": "ann@example.org"})
        answer = api.post(USERS, json={"email": " ANN@example.org"})
        assert answer.status_code == 409

    @pytest.mark.parametrize(
        "password",
        [
            "sh0rt",
            "password123",
            "Password123!",
            "Summer2026!",
            "1234567890",
            "aaaaaaaaaaaa",
            "ann@example.org",
            "x" * 257,
        ],
    )
    def test_a_password_that_is_guessed_first_is_refused(
        self, api: TestClient, password: str
    ) -> None:
        answer = api.post(USERS, json={"email": "ann@example.org", "password": password})
        assert answer.status_code == 422
        assert password not in answer.text

    def test_a_new_password_ends_all_logins(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services, password=PASSWORD)
        body = {"email": user.email, "password": PASSWORD}
        token = nobody.post("/auth/token", json=body).json()["access_token"]
        api.patch(f"{USERS}/{user.id}", json={"password": "another quiet river"})
        assert nobody.get("/auth/me", headers=by_token(token)).status_code == 403
        assert nobody.post("/auth/token", json=body).status_code == 401

    def test_an_administrator_does_not_lock_himself_out(self, api: TestClient) -> None:
        for change in ({"active": False}, {"roles": ["viewer"]}):
            assert api.patch(f"{USERS}/usr_dev", json=change).status_code == 400

    def test_an_administrator_does_not_switch_his_own_team_off(
        self, nobody: TestClient, services: Services
    ) -> None:
        founder = make_user(services)
        key = key_of(services, make_user(services, "admin", team_of=founder.id).id)
        change = {"active": False}
        answer = nobody.patch(f"{USERS}/{founder.id}", json=change, headers=by_key(key))
        assert answer.status_code == 400

    def test_members_of_a_team_share_its_rows_and_plan(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        boss = make_user(services)
        member = make_user(services, "viewer", team_of=boss.id)
        me = nobody.get("/auth/me", headers=by_key(key_of(services, member.id))).json()
        assert (me["owner_id"], me["user_id"], me["plan"]) == (boss.id, member.id, "pro")

    def test_who_is_no_administrator_sees_himself_only(
        self, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services, password=PASSWORD)
        colleague = make_user(services, team_of=user.id)
        body = {"email": user.email, "password": PASSWORD}
        headers = by_token(nobody.post("/auth/token", json=body).json()["access_token"])
        assert nobody.get(f"{USERS}/{user.id}", headers=headers).status_code == 200
        for other in (colleague.id, "usr_dev", "usr_none"):
            assert nobody.get(f"{USERS}/{other}", headers=headers).status_code == 404
            path = f"{USERS}/{other}/sessions"
            assert nobody.delete(path, headers=headers).status_code == 404
            change = {"password": "another quiet river", "current_password": PASSWORD}
            answer = nobody.patch(f"{USERS}/{other}", json=change, headers=headers)
            assert answer.status_code == 404
        assert nobody.get(USERS, headers=headers).status_code == 403


class TestOnesOwnPassword:
    NEW = "another quiet river"

    @pytest.fixture
    def user(self, services: Services) -> User:
        return make_user(services, password=PASSWORD)

    @pytest.fixture
    def headers(self, nobody: TestClient, user: User) -> dict[str, str]:
        body = {"email": user.email, "password": PASSWORD}
        return by_token(nobody.post("/auth/token", json=body).json()["access_token"])

    def test_is_changed_by_whoever_knows_it_and_ends_all_logins(
        self, api: TestClient, nobody: TestClient, user: User, headers: dict[str, str]
    ) -> None:
        change = {"password": self.NEW, "current_password": PASSWORD}
        answer = nobody.patch(f"{USERS}/{user.id}", json=change, headers=headers)
        assert (answer.status_code, answer.json()["id"]) == (200, user.id)
        assert nobody.get("/auth/me", headers=headers).status_code == 403
        for password, status in ((PASSWORD, 401), (self.NEW, 200)):
            body = {"email": user.email, "password": password}
            assert nobody.post("/auth/token", json=body).status_code == status
        (line,) = api.get("/api/v1/audit", params={"action": "user.change"}).json()["items"]
        assert (line["actor_id"], line["subject"]) == (user.id, user.id)
        assert line["details"]["set"] == {"password": True, "active": False}

    @pytest.mark.parametrize(
        "change",
        [
            {},
            {"password": NEW},
            {"password": NEW, "current_password": "a quiet river at moon"},
            {"current_password": PASSWORD},
            {"password": NEW, "current_password": PASSWORD, "plan": "enterprise"},
            {"password": NEW, "current_password": PASSWORD, "roles": ["admin"]},
            {"password": NEW, "current_password": PASSWORD, "active": True},
            {"plan": "enterprise", "current_password": PASSWORD},
        ],
    )
    def test_and_nothing_else_and_not_without_knowing_it(
        self, nobody: TestClient, user: User, headers: dict[str, str], change: dict[str, object]
    ) -> None:
        before = nobody.get(f"{USERS}/{user.id}", headers=headers).json()
        answer = nobody.patch(f"{USERS}/{user.id}", json=change, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
        assert nobody.get(f"{USERS}/{user.id}", headers=headers).json() == before
        body = {"email": user.email, "password": PASSWORD}
        assert nobody.post("/auth/token", json=body).status_code == 200

    def test_that_is_guessed_first_is_refused(
        self, nobody: TestClient, user: User, headers: dict[str, str]
    ) -> None:
        change = {"password": "password123", "current_password": PASSWORD}
        answer = nobody.patch(f"{USERS}/{user.id}", json=change, headers=headers)
        assert answer.status_code == 422

    def test_is_not_changed_by_a_key(
        self, nobody: TestClient, services: Services, user: User
    ) -> None:
        key = by_key(key_of(services, user.id))
        change = {"password": self.NEW, "current_password": PASSWORD}
        answer = nobody.patch(f"{USERS}/{user.id}", json=change, headers=key)
        assert answer.status_code == 403

    def test_of_who_has_none_is_an_administrators_matter(
        self, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services)
        with services.database.transaction() as session:
            pair = open_session(services, session, user.id, frozenset(SCOPES), "link")
        change = {"password": self.NEW, "current_password": ""}
        path, headers = f"{USERS}/{user.id}", by_token(pair.access_token)
        assert nobody.patch(path, json=change, headers=headers).status_code == 403

    def test_is_not_guessed_faster_than_at_a_login(
        self, nobody: TestClient, services: Services, user: User, headers: dict[str, str]
    ) -> None:
        limits = services.settings.limits.model_copy(update={"logins_per_minute": 2})
        settings = services.settings.model_copy(update={"limits": limits})
        change = {"password": self.NEW, "current_password": "a quiet river at moon"}
        with TestClient(app_over(replace(services, settings=settings))) as slow:
            path = f"{USERS}/{user.id}"
            told = [slow.patch(path, json=change, headers=headers).status_code for _ in range(3)]
        assert told == [403, 403, 429]

    def test_an_administrator_who_gives_his_own_must_know_it(
        self, nobody: TestClient, services: Services
    ) -> None:
        headers = logged_in(nobody, services, "admin")
        path = f"{USERS}/{nobody.get('/auth/me', headers=headers).json()['user_id']}"
        wrong = {"password": self.NEW, "current_password": "a quiet river at moon"}
        assert nobody.patch(path, json=wrong, headers=headers).status_code == 403
        right = {**wrong, "current_password": PASSWORD}
        assert nobody.patch(path, json=right, headers=headers).status_code == 200


class TestKeys:
    def test_a_key_is_shown_once_and_works(self, api: TestClient, nobody: TestClient) -> None:
        made = api.post(KEYS, json={"name": "ci", "scopes": ["videos:read"]}).json()
        assert made["key"].startswith(f"gvn_{made['public_id']}")
        listed = api.get(KEYS)
        assert made["key"] not in listed.text
        assert made["id"] in [item["id"] for item in listed.json()["items"]]
        me = nobody.get("/auth/me", headers=by_key(made["key"])).json()
        assert me["scopes"] == ["videos:read"]
        assert nobody.get("/auth/me", headers=by_token(made["key"])).status_code == 200

    @pytest.mark.parametrize("change", [5, 20, -1])
    def test_a_wrong_letter_is_refused(
        self, api: TestClient, nobody: TestClient, change: int
    ) -> None:
        key = api.post(KEYS, json={"scopes": ["videos:read"]}).json()["key"]
        at = change % len(key)
        wrong = key[:at] + ("a" if key[at] != "a" else "b") + key[at + 1 :]
        assert nobody.get("/auth/me", headers=by_key(wrong)).status_code == 401

    def test_nobody_gives_scopes_he_has_not(self, nobody: TestClient, services: Services) -> None:
        headers = logged_in(nobody, services)
        for scopes, status in ((["videos:read"], 201), (["videos:read", "admin"], 403)):
            answer = nobody.post(KEYS, json={"scopes": scopes}, headers=headers)
            assert answer.status_code == status

    def test_a_key_makes_no_keys_but_an_administrators_does(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        key = key_of(services, make_user(services).id)
        body = {"scopes": ["videos:read"]}
        assert nobody.post(KEYS, json=body, headers=by_key(key)).status_code == 403
        traded = nobody.post("/auth/token", json={"api_key": key}).json()["access_token"]
        assert nobody.post(KEYS, json=body, headers=by_token(traded)).status_code == 403
        assert api.post(KEYS, json=body).status_code == 201

    def test_an_administrator_makes_keys_for_others(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services)
        body = {"scopes": ["videos:read"], "user_id": user.id}
        made = api.post(KEYS, json=body).json()
        assert nobody.get("/auth/me", headers=by_key(made["key"])).json()["user_id"] == user.id
        assert nobody.post(KEYS, json=body, headers=logged_in(nobody, services)).status_code == 404

    def test_two_live_while_one_is_rotated(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        old = api.post(KEYS, json={"scopes": ["videos:read"]}).json()
        answer = api.post(f"{KEYS}/{old['id']}/rotate", json={"overlap_hours": 1})
        new = answer.json()
        assert answer.status_code == 201
        assert (new["scopes"], new["rotated_from"]) == (["videos:read"], old["id"])
        for key in (old["key"], new["key"]):
            assert nobody.get("/auth/me", headers=by_key(key)).status_code == 200
        again = api.post(f"{KEYS}/{old['id']}/rotate", json={})
        assert again.status_code == 409
        with services.database.reading() as session:
            ends = session.get(ApiKey, old["id"]).expires_at
        assert timedelta(minutes=59) < ends - utc_now() <= timedelta(hours=1)

    def test_rotated_twice_the_first_one_ends_at_once(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        chain = [api.post(KEYS, json={"scopes": ["videos:read"]}).json()]
        for _ in range(2):
            chain.append(api.post(f"{KEYS}/{chain[-1]['id']}/rotate", json={}).json())
        asked = [nobody.get("/auth/me", headers=by_key(key["key"])).status_code for key in chain]
        assert asked == [401, 200, 200]

    def test_rotated_at_once_the_old_one_is_dead(self, api: TestClient, nobody: TestClient) -> None:
        old = api.post(KEYS, json={"scopes": ["videos:read"]}).json()
        assert nobody.get("/auth/me", headers=by_key(old["key"])).status_code == 200
        api.post(f"{KEYS}/{old['id']}/rotate", json={"overlap_hours": 0})
        assert nobody.get("/auth/me", headers=by_key(old["key"])).status_code == 401

    @pytest.mark.parametrize("path", [KEYS, "/api/v1/clients"])
    @pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"])
    def test_an_expiry_beyond_the_calendar_is_refused(
        self, api: TestClient, path: str, at: str
    ) -> None:
        answer = api.post(path, json={"scopes": ["videos:read"], "expires_at": at})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")
        assert answer.json()["error"]["details"][0]["where"] == "body.expires_at"

    @pytest.mark.parametrize("path", [KEYS, "/api/v1/clients"])
    def test_one_may_expire_with_the_calendar(self, api: TestClient, path: str) -> None:
        body = {"scopes": ["videos:read"], "expires_at": "9999-12-31T23:59:59Z"}
        assert api.post(path, json=body).json()["expires_at"] == "9999-12-31T23:59:59Z"

    def test_a_past_expiry_is_refused(self, api: TestClient) -> None:
        body = {"scopes": ["videos:read"], "expires_at": "2020-01-01T00:00:00Z"}
        assert api.post(KEYS, json=body).status_code == 400

    def test_its_use_is_noted(self, api: TestClient, nobody: TestClient) -> None:
        made = api.post(KEYS, json={"scopes": ["videos:read"]}).json()
        nobody.get("/auth/me", headers=by_key(made["key"]))
        listed = {item["id"]: item for item in api.get(KEYS).json()["items"]}
        assert listed[made["id"]]["last_used_at"] is not None

    def test_the_list_comes_in_pages(self, api: TestClient) -> None:
        made = [api.post(KEYS, json={"scopes": ["videos:read"]}).json()["id"] for _ in range(5)]
        seen, cursor = [], ""
        while cursor is not None:
            answer = api.get(KEYS, params={"limit": 2, **({"cursor": cursor} if cursor else {})})
            seen += [item["id"] for item in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
        assert seen[:5] == made[::-1]
        assert api.get(KEYS, params={"cursor": "%%"}).status_code == 400


class TestClients:
    def test_taken_back_it_and_its_tokens_are_dead(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        made = api.post("/api/v1/clients", json={"scopes": ["videos:read"]}).json()
        body = {"client_id": made["id"], "client_secret": made["client_secret"]}
        token = nobody.post("/auth/token", json=body).json()["access_token"]
        assert made["client_secret"] not in api.get("/api/v1/clients").text
        assert api.delete(f"/api/v1/clients/{made['id']}").status_code == 204
        assert nobody.get("/auth/me", headers=by_token(token)).status_code == 403
        assert nobody.post("/auth/token", json=body).status_code == 403


class TestAudit:
    def test_every_deed_is_there(self, api: TestClient, nobody: TestClient) -> None:
        user = api.post(USERS, json={"email": "ann@example.org", "password": PASSWORD}).json()
        api.patch(f"{USERS}/{user['id']}", json={"plan": "pro"})
        key = api.post(KEYS, json={"scopes": ["videos:read"]}).json()
        new = api.post(f"{KEYS}/{key['id']}/rotate", json={}).json()
        api.delete(f"{KEYS}/{new['id']}")
        client = api.post("/api/v1/clients", json={"scopes": ["videos:read"]}).json()
        api.delete(f"/api/v1/clients/{client['id']}")
        link = api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 5}).json()
        api.delete(f"/auth/magic/{link['id']}")
        body = {"email": "ann@example.org", "password": PASSWORD}
        pair = nobody.post("/auth/token", json=body).json()
        nobody.post("/auth/logout", headers=by_token(pair["access_token"]))
        api.delete(f"{USERS}/{user['id']}/sessions")
        entries = api.get("/api/v1/audit", params={"limit": 200}).json()["items"]
        assert [entry["action"] for entry in reversed(entries)] == [
            "user.create",
            "key.create",
            "user.create",
            "user.change",
            "key.create",
            "key.rotate",
            "key.revoke",
            "client.create",
            "client.revoke",
            "link.create",
            "link.revoke",
            "session.open",
            "session.end",
            "session.end_all",
        ]
        assert entries[0]["actor_id"] == "usr_dev"
        assert entries[0]["request_id"].startswith("req_")

    def test_can_be_searched(self, api: TestClient) -> None:
        key = api.post(KEYS, json={"scopes": ["videos:read"]}).json()
        found = api.get("/api/v1/audit", params={"subject": key["id"]}).json()["items"]
        assert [entry["action"] for entry in found] == ["key.create"]

    def test_a_deed_that_failed_is_not_there(self, api: TestClient) -> None:
        api.post(USERS, json={"email": "admin@goviral.local"})
        found = api.get("/api/v1/audit", params={"action": "user.create"}).json()["items"]
        assert len(found) == 1

    def test_a_theft_is_there(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        key = key_of(services, make_user(services).id)
        pair = nobody.post("/auth/token", json={"api_key": key}).json()
        for _ in range(2):
            nobody.post("/auth/token", json={"refresh_token": pair["refresh_token"]})
        found = api.get("/api/v1/audit", params={"action": "session.end"}).json()["items"]
        assert [entry["details"] for entry in found] == [{"because": "refresh token used twice"}]
