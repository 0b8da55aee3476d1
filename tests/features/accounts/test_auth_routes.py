"""Logging in and out, tokens that work once, magic links."""

from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text

from goviral.features.accounts.services import Services
from goviral.kit.clock import utc_now
from goviral.kit.server_settings import LimitSettings
from twins.people import PASSWORD, by_key, by_token, key_of, make_user
from twins.service import app_over

TOKEN = "/api/v1/auth/token"
ME = "/api/v1/auth/me"


def log_in(client: TestClient, **body: object) -> dict[str, str]:
    answer = client.post(TOKEN, json=body)
    assert answer.status_code == 200, answer.text
    given: dict[str, str] = answer.json()
    return given


def status(client: TestClient, token: str) -> int:
    return client.get(ME, headers=by_token(token)).status_code


class TestToken:
    def test_by_password(self, nobody: TestClient, services: Services) -> None:
        user = make_user(services, password=PASSWORD)
        pair = log_in(nobody, email=f" {user.email.upper()} ", password=PASSWORD)
        assert pair["token_type"] == "Bearer"
        assert pair["expires_in"] == 900
        me = nobody.get(ME, headers=by_token(pair["access_token"])).json()
        assert (me["user_id"], me["kind"]) == (user.id, "user")

    def test_by_key_with_the_scopes_of_the_key(
        self, nobody: TestClient, services: Services
    ) -> None:
        key = key_of(services, make_user(services).id, ["videos:read", "admin"])
        pair = log_in(nobody, api_key=key)
        assert pair["scope"] == "videos:read"
        me = nobody.get(ME, headers=by_token(pair["access_token"])).json()
        assert (me["scopes"], me["kind"]) == (["videos:read"], "key")

    def test_by_client_credentials_as_json_and_as_a_form(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        made = api.post("/api/v1/clients", json={"name": "ci", "scopes": ["videos:read"]}).json()
        body = {
            "grant_type": "client_credentials",
            "client_id": made["id"],
            "client_secret": made["client_secret"],
        }
        assert log_in(nobody, **body)["refresh_token"] is None
        assert nobody.post(TOKEN, data=body).status_code == 200

    def test_by_client_credentials_in_the_head_as_libraries_send_them(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        made = api.post("/api/v1/clients", json={"name": "ci", "scopes": ["videos:read"]}).json()
        form = {"grant_type": "client_credentials"}
        for secret, status in ((made["client_secret"], 200), ("wrong", 401), ("", 401)):
            answer = nobody.post(TOKEN, data=form, auth=(made["id"], secret))
            assert answer.status_code == status
        for head in ("Basic", "Basic %", "Basic /w=="):
            answer = nobody.post(TOKEN, data=form, headers={"authorization": head})
            assert answer.status_code in (401, 422)

    def test_by_the_path_the_founders_named(self, nobody: TestClient, services: Services) -> None:
        key = key_of(services, make_user(services).id)
        assert nobody.post("/auth/token", json={"api_key": key}).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {"email": "nobody@example.org", "password": PASSWORD},
            {"email": "known@example.org", "password": "wrong"},
            {"api_key": "gvn_x"},
            {"api_key": "dev-key"},
            {"client_id": "cli_nobody", "client_secret": "x"},
            {"refresh_token": "gvr_x"},
        ],
    )
    def test_what_is_wrong_gets_one_answer(
        self, nobody: TestClient, services: Services, body: dict[str, str]
    ) -> None:
        answer = nobody.post(TOKEN, json=body)
        assert answer.status_code == 401
        assert answer.json()["error"]["message"].startswith("Those credentials are not accepted.")

    @pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"api_key": 1}', b'{"x": 1}', b"\xff"])
    def test_what_is_no_request_is_422(self, nobody: TestClient, body: bytes) -> None:
        answer = nobody.post(TOKEN, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")

    def test_nothing_given_is_said(self, nobody: TestClient) -> None:
        assert nobody.post(TOKEN, json={}).json()["error"]["code"] == "invalid_input"

    def test_a_password_tried_too_often_is_slowed(self, services: Services) -> None:
        limited = with_limits(services, LimitSettings(logins_per_minute=3))
        with TestClient(app_over(limited)) as client:
            body = {"email": "somebody@example.org", "password": "wrong"}
            answers = [client.post(TOKEN, json=body) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1


class TestRefresh:
    def test_each_token_works_once_and_gives_the_next(
        self, nobody: TestClient, services: Services
    ) -> None:
        key = key_of(services, make_user(services).id)
        first = log_in(nobody, api_key=key)
        second = log_in(nobody, refresh_token=first["refresh_token"])
        third = log_in(nobody, refresh_token=second["refresh_token"])
        assert status(nobody, third["access_token"]) == 200

    def test_used_twice_it_ends_the_login_at_once(
        self, nobody: TestClient, services: Services
    ) -> None:
        first = log_in(nobody, api_key=key_of(services, make_user(services).id))
        second = log_in(nobody, refresh_token=first["refresh_token"])
        assert status(nobody, second["access_token"]) == 200
        stolen = nobody.post(TOKEN, json={"refresh_token": first["refresh_token"]})
        assert (stolen.status_code, stolen.json()["error"]["code"]) == (403, "revoked")
        assert status(nobody, first["access_token"]) == 403
        assert status(nobody, second["access_token"]) == 403
        again = nobody.post(TOKEN, json={"refresh_token": second["refresh_token"]})
        assert again.status_code == 403

    def test_of_many_at_once_one_wins_and_the_login_ends(
        self, nobody: TestClient, services: Services
    ) -> None:
        first = log_in(nobody, api_key=key_of(services, make_user(services).id))
        body = {"refresh_token": first["refresh_token"]}
        with ThreadPoolExecutor(5) as pool:
            codes = list(pool.map(lambda _: nobody.post(TOKEN, json=body).status_code, range(5)))
        assert sorted(codes) == [200, 403, 403, 403, 403]

    def test_is_no_access_token(self, nobody: TestClient, services: Services) -> None:
        first = log_in(nobody, api_key=key_of(services, make_user(services).id))
        assert status(nobody, first["refresh_token"]) == 401

    def test_an_old_one_is_refused(self, services: Services) -> None:
        with at(services, timedelta(0)) as client:
            first = log_in(client, api_key=key_of(services, make_user(services).id))
        with at(services, timedelta(days=31)) as client:
            answer = client.post(TOKEN, json={"refresh_token": first["refresh_token"]})
        assert answer.status_code == 401

    def test_given_up_it_ends_the_login(self, nobody: TestClient, services: Services) -> None:
        first = log_in(nobody, api_key=key_of(services, make_user(services).id))
        body = {"refresh_token": first["refresh_token"]}
        assert nobody.post("/api/v1/auth/revoke", json=body).status_code == 204
        assert status(nobody, first["access_token"]) == 403
        assert nobody.post("/api/v1/auth/revoke", json={"refresh_token": "x"}).status_code == 204


class TestEndings:
    def test_log_out_ends_this_login_only(self, nobody: TestClient, services: Services) -> None:
        key = key_of(services, make_user(services).id)
        one, two = log_in(nobody, api_key=key), log_in(nobody, api_key=key)
        answer = nobody.post("/api/v1/auth/logout", headers=by_token(one["access_token"]))
        assert answer.status_code == 204
        assert status(nobody, one["access_token"]) == 403
        assert status(nobody, two["access_token"]) == 200

    def test_log_out_everywhere_acts_on_the_next_request(
        self, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services, password=PASSWORD)
        pairs = [log_in(nobody, email=user.email, password=PASSWORD) for _ in range(2)]
        assert [status(nobody, pair["access_token"]) for pair in pairs] == [200, 200]
        path = f"/api/v1/users/{user.id}/sessions"
        assert nobody.delete(path, headers=by_token(pairs[0]["access_token"])).status_code == 204
        assert [status(nobody, pair["access_token"]) for pair in pairs] == [403, 403]

    def test_an_access_token_ends_after_fifteen_minutes(self, services: Services) -> None:
        with at(services, timedelta(0)) as client:
            pair = log_in(client, api_key=key_of(services, make_user(services).id))
            assert status(client, pair["access_token"]) == 200
        services.credentials.clear()
        with at(services, timedelta(minutes=16)) as client:
            assert status(client, pair["access_token"]) == 401

    def test_a_key_taken_back_takes_its_tokens_along(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        made = api.post("/api/v1/keys", json={"scopes": ["videos:read"]}).json()
        pair = log_in(nobody, api_key=made["key"])
        assert status(nobody, pair["access_token"]) == 200
        assert api.delete(f"/api/v1/keys/{made['id']}").status_code == 204
        assert status(nobody, pair["access_token"]) == 403
        assert nobody.get(ME, headers=by_key(made["key"])).json()["error"]["code"] == "revoked"
        assert nobody.post(TOKEN, json={"api_key": made["key"]}).status_code == 403

    def test_tokens_of_a_rotated_key_end_with_its_overlap(self, services: Services) -> None:
        with at(services, timedelta(0)) as client:
            body = {"scopes": ["videos:read"]}
            made = client.post("/api/v1/keys", json=body, headers=by_key("dev-key")).json()
            pair = log_in(client, api_key=made["key"])
            path = f"/api/v1/keys/{made['id']}/rotate"
            client.post(path, json={"overlap_hours": 1}, headers=by_key("dev-key"))
            assert status(client, pair["access_token"]) == 200
        services.credentials.clear()
        with at(services, timedelta(minutes=59)) as client:
            pair = log_in(client, refresh_token=pair["refresh_token"])
            assert int(pair["expires_in"]) <= 60
        with at(services, timedelta(minutes=61)) as client:
            again = {"refresh_token": pair["refresh_token"]}
            assert client.post(TOKEN, json=again).status_code == 401

    def test_rotated_at_once_a_key_takes_its_tokens_along(
        self, api: TestClient, nobody: TestClient
    ) -> None:
        made = api.post("/api/v1/keys", json={"scopes": ["videos:read"]}).json()
        pair = log_in(nobody, api_key=made["key"])
        assert status(nobody, pair["access_token"]) == 200
        api.post(f"/api/v1/keys/{made['id']}/rotate", json={"overlap_hours": 0})
        assert status(nobody, pair["access_token"]) == 401

    def test_tokens_end_with_the_key_they_were_traded_for(self, services: Services) -> None:
        ends = utc_now() + timedelta(minutes=5)
        with at(services, timedelta(0)) as client:
            body = {"scopes": ["videos:read"], "expires_at": ends.isoformat()}
            made = client.post("/api/v1/keys", json=body, headers=by_key("dev-key")).json()
            pair = log_in(client, api_key=made["key"])
        assert int(pair["expires_in"]) <= 300

    def test_a_user_switched_off_is_out(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services, password=PASSWORD)
        key = key_of(services, user.id)
        pair = log_in(nobody, email=user.email, password=PASSWORD)
        assert status(nobody, pair["access_token"]) == 200
        api.patch(f"/api/v1/users/{user.id}", json={"active": False})
        assert status(nobody, pair["access_token"]) == 403
        assert nobody.get(ME, headers=by_key(key)).status_code == 403
        answer = nobody.post(TOKEN, json={"email": user.email, "password": PASSWORD})
        assert answer.status_code == 403

    def test_where_a_team_is_switched_off_its_members_are_out(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        founder = make_user(services)
        member = make_user(services, team_of=founder.id)
        pair = log_in(nobody, api_key=key_of(services, member.id))
        for active, answer in ((True, 200), (False, 403), (True, 200)):
            api.patch(f"/api/v1/users/{founder.id}", json={"active": active})
            assert status(nobody, pair["access_token"]) == answer

    def test_a_role_taken_away_narrows_tokens_that_are_out(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services, "editor")
        pair = log_in(nobody, api_key=key_of(services, user.id))
        api.patch(f"/api/v1/users/{user.id}", json={"roles": ["viewer"]})
        me = nobody.get(ME, headers=by_token(pair["access_token"])).json()
        assert me["scopes"] == ["clips:read", "videos:read"]


class TestMagicLinks:
    def test_a_view_link_reads_and_nothing_else(self, api: TestClient, nobody: TestClient) -> None:
        answer = api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 30})
        assert answer.status_code == 201
        link = answer.json()
        assert set(link) >= {"token", "expires_at"}
        me = nobody.get(ME, headers=by_token(link["token"])).json()
        assert (me["kind"], me["scopes"]) == ("link", ["clips:read", "videos:read"])
        for path, body in (
            ("/keys", {"scopes": ["videos:read"]}),
            ("/auth/magic", {"purpose": "view", "ttl_minutes": 5}),
        ):
            made = nobody.post(f"/api/v1{path}", json=body, headers=by_token(link["token"]))
            assert made.status_code == 403

    def test_a_login_link_logs_in_once(self, nobody: TestClient, services: Services) -> None:
        user = make_user(services, password=PASSWORD)
        pair = log_in(nobody, email=user.email, password=PASSWORD)
        headers = by_token(pair["access_token"])
        body = {"purpose": "login", "ttl_minutes": 10}
        link = nobody.post("/api/v1/auth/magic", json=body, headers=headers).json()
        assert status(nobody, link["token"]) == 401
        redeem = "/api/v1/auth/magic/redeem"
        assert nobody.get(redeem).status_code in (401, 404, 405)
        given = nobody.post(redeem, json={"token": link["token"]})
        assert status(nobody, given.json()["access_token"]) == 200
        assert nobody.post(redeem, json={"token": link["token"]}).status_code == 401

    def test_a_key_cannot_grow_into_a_login(self, nobody: TestClient, services: Services) -> None:
        key = key_of(services, make_user(services).id, ["videos:read"])
        body = {"purpose": "login", "ttl_minutes": 5}
        answer = nobody.post("/api/v1/auth/magic", json=body, headers=by_key(key))
        assert answer.status_code == 403

    def test_a_view_link_does_not_log_in(self, api: TestClient, nobody: TestClient) -> None:
        link = api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 5}).json()
        answer = nobody.post("/auth/magic/redeem", json={"token": link["token"]})
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("purpose", "minutes", "code"),
        [("login", 11, 400), ("view", 10_081, 422), ("view", 0, 422), ("rule", 5, 422)],
    )
    def test_a_life_too_long_is_refused(
        self, api: TestClient, purpose: str, minutes: int, code: int
    ) -> None:
        answer = api.post("/auth/magic", json={"purpose": purpose, "ttl_minutes": minutes})
        assert answer.status_code == code

    def test_taken_back_or_too_old_it_is_closed(self, services: Services) -> None:
        body = {"purpose": "view", "ttl_minutes": 5}
        with at(services, timedelta(0)) as client:
            dev = by_key("dev-key")
            one, two = (client.post("/auth/magic", json=body, headers=dev).json() for _ in range(2))
            assert status(client, one["token"]) == 200
            path = f"/api/v1/auth/magic/{one['id']}"
            assert client.delete(path, headers=dev).status_code == 204
            assert status(client, one["token"]) == 403
        with at(services, timedelta(minutes=6)) as client:
            assert status(client, two["token"]) == 401

    def test_what_it_is_bound_to_is_all_it_opens(self, api: TestClient, nobody: TestClient) -> None:
        body = {"purpose": "view", "ttl_minutes": 5, "subject": "vid_1"}
        link = api.post("/auth/magic", json=body).json()
        assert status(nobody, link["token"]) == 403

    def test_links_are_listed_without_tokens(self, api: TestClient) -> None:
        link = api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 5}).json()
        listed = api.get("/api/v1/auth/magic")
        assert [item["id"] for item in listed.json()["items"]] == [link["id"]]
        assert link["token"] not in listed.text

    def test_a_link_sees_and_takes_back_no_links(self, api: TestClient) -> None:
        body = {"purpose": "view", "ttl_minutes": 5}
        one, two = (api.post("/auth/magic", json=body).json() for _ in range(2))
        headers = {"x-api-key": "", **by_token(one["token"])}
        assert api.get("/auth/magic", headers=headers).status_code == 403
        assert api.delete(f"/auth/magic/{two['id']}", headers=headers).status_code == 403
        assert api.delete(f"/auth/magic/{one['id']}", headers=headers).status_code == 403
        assert status(api, two["token"]) == 200

    def test_an_upload_link_brings_in_and_deletes_nothing(self, api: TestClient) -> None:
        mine = api.post("/api/v1/videos", json={"url": "https://example.com/a.mp4"}).json()["id"]
        body = {"purpose": "upload", "ttl_minutes": 5}
        link = api.post("/auth/magic", json=body).json()
        headers = {"x-api-key": "", **by_token(link["token"])}
        wanted = {"url": "https://example.com/b.mp4"}
        assert api.post("/api/v1/videos", json=wanted, headers=headers).status_code == 201
        for method, path in (
            ("DELETE", f"/api/v1/videos/{mine}"),
            ("DELETE", f"/api/videos/{mine}"),
            ("DELETE", f"/api/videos?id={mine}"),
            ("POST", f"/api/v1/videos/{mine}/keep"),
        ):
            assert api.request(method, path, headers=headers).status_code == 403, path
        assert api.get(f"/api/v1/videos/{mine}").status_code == 200

    def test_a_login_link_of_one_browser_is_nothing_to_another(
        self, nobody: TestClient, services: Services
    ) -> None:
        verifier = "a secret that the browser keeps to itself, so far"
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        body = {"purpose": "login", "ttl_minutes": 10, "challenge": challenge}
        link = self.made(nobody, services, body)
        redeem = "/api/v1/auth/magic/redeem"
        for other in ({}, {"verifier": "another"}, {"verifier": challenge}):
            answer = nobody.post(redeem, json={"token": link["token"], **other})
            assert answer.status_code == 401
        given = nobody.post(redeem, json={"token": link["token"], "verifier": verifier})
        assert status(nobody, given.json()["access_token"]) == 200

    def test_only_a_login_is_bound_to_a_browser(self, api: TestClient) -> None:
        body = {"purpose": "view", "ttl_minutes": 5, "challenge": "A" * 43}
        assert api.post("/auth/magic", json=body).status_code == 400

    @pytest.mark.parametrize("how", ["everywhere", "password", "log out"])
    def test_who_logs_out_leaves_no_link_that_logs_in(
        self, api: TestClient, nobody: TestClient, services: Services, how: str
    ) -> None:
        user = make_user(services, password=PASSWORD)
        pair = log_in(nobody, email=user.email, password=PASSWORD)
        headers = by_token(pair["access_token"])
        link, shared = (
            nobody.post("/auth/magic", json={"purpose": purpose, "ttl_minutes": 9}, headers=headers)
            for purpose in ("login", "view")
        )
        path = f"/api/v1/users/{user.id}"
        if how == "everywhere":
            assert nobody.delete(f"{path}/sessions", headers=headers).status_code == 204
        elif how == "password":
            assert api.patch(path, json={"password": "another river at night"}).status_code == 200
        else:
            assert nobody.post("/api/v1/auth/logout", headers=headers).status_code == 204
        answer = nobody.post("/auth/magic/redeem", json={"token": link.json()["token"]})
        assert answer.status_code == 403
        assert status(nobody, shared.json()["token"]) == 200

    def test_a_key_taken_back_takes_its_links_along(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        user = make_user(services)
        key, other = key_of(services, user.id), key_of(services, user.id)
        traded = by_token(log_in(nobody, api_key=key)["access_token"])
        body = {"purpose": "view", "ttl_minutes": 60}
        by_it, by_its_token, by_another = (
            nobody.post("/auth/magic", json=body, headers=headers).json()["token"]
            for headers in (by_key(key), traded, by_key(other))
        )
        listed = api.get("/api/v1/keys").json()["items"]
        (row,) = [one for one in listed if one["public_id"] == key[4:12]]
        assert api.delete(f"/api/v1/keys/{row['id']}").status_code == 204
        assert [status(nobody, one) for one in (by_it, by_its_token, by_another)] == [403, 403, 200]

    def test_a_login_by_link_is_in_the_audit_log(
        self, api: TestClient, nobody: TestClient, services: Services
    ) -> None:
        link = self.made(nobody, services, {"purpose": "login", "ttl_minutes": 10})
        pair = nobody.post("/auth/magic/redeem", json={"token": link["token"]}).json()
        log_in(nobody, refresh_token=pair["refresh_token"])
        for action in ("link.redeem", "session.open", "session.refresh"):
            assert api.get("/api/v1/audit", params={"action": action}).json()["items"], action
        (redeemed,) = api.get("/api/v1/audit", params={"subject": link["id"], "limit": 1}).json()[
            "items"
        ]
        assert (redeemed["action"], redeemed["credential_id"]) == ("link.redeem", link["id"])

    def made(self, nobody: TestClient, services: Services, body: dict[str, Any]) -> Any:
        """A link of a user who logged in."""
        user = make_user(services, password=PASSWORD)
        pair = log_in(nobody, email=user.email, password=PASSWORD)
        headers = by_token(pair["access_token"])
        answer = nobody.post("/auth/magic", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def test_login_links_are_few_an_hour(self, services: Services) -> None:
        limited = with_limits(services, LimitSettings(login_links_per_hour=2))
        with TestClient(app_over(limited), headers=by_key("dev-key")) as client:
            body = {"purpose": "login", "ttl_minutes": 5}
            codes = [client.post("/auth/magic", json=body).status_code for _ in range(3)]
        assert codes == [201, 201, 429]


def test_the_database_holds_nothing_one_could_use(
    api: TestClient, nobody: TestClient, services: Services
) -> None:
    user = make_user(services, password=PASSWORD)
    shown = [PASSWORD]
    headers = {"idempotency-key": "once-and-for-all"}
    key = api.post("/api/v1/keys", json={"scopes": ["videos:read"]}, headers=headers).json()["key"]
    shown.append(key)
    client = api.post("/api/v1/clients", json={"scopes": ["videos:read"]}).json()
    shown.append(client["client_secret"])
    pair = log_in(nobody, email=user.email, password=PASSWORD)
    shown += [pair["access_token"], pair["refresh_token"]]
    shown.append(
        api.post("/auth/magic", json={"purpose": "view", "ttl_minutes": 5}).json()["token"]
    )
    with services.database.reading() as session:
        names = inspect(services.database.engine).get_table_names()
        kept = "".join(
            str(row) for name in names for row in session.execute(text(f'select * from "{name}"'))
        )
    assert len(kept) > 1000
    assert [secret for secret in shown if secret in kept] == []


def with_limits(services: Services, limits: LimitSettings) -> Services:
    return replace(services, settings=services.settings.model_copy(update={"limits": limits}))


def at(services: Services, later: timedelta) -> TestClient:
    """The service, some time from now."""

    def clock() -> datetime:
        return utc_now() + later

    return TestClient(app_over(replace(services, clock=clock)))
