"""The first start, the developer's key, and how often one may call."""

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from goviral.features.accounts.first_start import another_key, first_start
from goviral.features.accounts.services import Services
from goviral.kit.db.database import Database
from goviral.kit.errors import NotFoundError
from goviral.kit.server_settings import AuthSettings, LimitSettings, ServerSettings
from goviral.kit.settings import Settings
from twins.people import by_key, key_of, make_user
from twins.service import app_over, over

ME = "/api/v1/auth/me"


class TestFirstStart:
    def test_makes_an_administrator_and_shows_his_key_once(self, settings: Settings) -> None:
        server = settings.server.model_copy(update={"env": "prod"})
        with over(settings.model_copy(update={"server": server}), started=False) as services:
            key = first_start(services)
            assert key is not None
            assert first_start(services) is None
            with TestClient(app_over(services)) as client:
                me = client.get(ME, headers=by_key(key)).json()
        assert (me["roles"], me["plan"]) == (["admin"], "enterprise")
        assert me["user_id"].startswith("usr_")

    def test_without_dev_the_developers_key_is_nothing(self, settings: Settings) -> None:
        server = settings.server.model_copy(update={"env": "prod"})
        with (
            over(settings.model_copy(update={"server": server})) as services,
            TestClient(app_over(services)) as client,
        ):
            assert client.get(ME, headers=by_key("dev-key")).status_code == 401

    def test_with_dev_it_is_the_first_user(self, api: TestClient) -> None:
        assert api.get(ME).json()["user_id"] == "usr_dev"

    def test_with_dev_it_is_a_user_where_others_were_first(self, settings: Settings) -> None:
        server = settings.server.model_copy(update={"env": "prod"})
        with over(settings.model_copy(update={"server": server})):
            pass
        with over(settings) as services, TestClient(app_over(services)) as client:
            headers = by_key("dev-key")
            made = client.post("/api/v1/keys", json={"scopes": ["videos:read"]}, headers=headers)
            assert made.status_code == 201, made.text
            assert first_start(services) is None

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("localhost:8000", 200),
            ("127.0.0.1", 200),
            ("[::1]:8000", 200),
            ("goviral.localhost", 200),
            ("evil.example:8000", 403),
            ("127.0.0.1.evil.example", 403),
            ("[", 403),
        ],
    )
    def test_with_dev_no_other_name_is_answered(
        self, api: TestClient, host: str, status: int
    ) -> None:
        assert api.get(ME, headers={"host": host}).status_code == status

    def test_who_lost_the_first_key_makes_another_on_the_machine(
        self, nobody: TestClient, services: Services
    ) -> None:
        make_user(services, "editor")
        me = nobody.get(ME, headers=by_key(another_key(services.database))).json()
        assert (me["user_id"], "admin" in me["scopes"]) == ("usr_dev", True)

    def test_without_an_administrator_there_is_no_other_key(self, settings: Settings) -> None:
        with over(settings, started=False) as services:
            make_user(services, "editor")
            with pytest.raises(NotFoundError, match="administrator"):
                another_key(services.database)

    def test_the_secret_is_kept_between_starts(self, settings: Settings, tmp_path: Path) -> None:
        with over(settings) as first, over(settings, started=False) as second:
            key = key_of(first, make_user(first).id)
            with TestClient(app_over(first)) as client:
                token = client.post("/auth/token", json={"api_key": key}).json()["access_token"]
            with TestClient(app_over(second)) as client:
                headers = {"authorization": f"bearer {token}"}
                assert client.get(ME, headers=headers).status_code == 200
        assert (tmp_path / "data" / "jwt-secret").stat().st_mode & 0o077 == 0

    def test_a_folder_it_makes_is_its_owners_alone(
        self, services: Services, tmp_path: Path
    ) -> None:
        Database(f"sqlite:///{tmp_path / 'fresh' / 'goviral.db'}").close()
        for made in ("data", "fresh"):
            assert (tmp_path / made).stat().st_mode & 0o077 == 0


class TestUnsafeSettings:
    def test_a_short_secret_is_refused(self) -> None:
        with pytest.raises(ValidationError, match="openssl rand"):
            AuthSettings(jwt_secret="short")  # type: ignore[arg-type]

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "goviral.example"])
    def test_dev_listens_at_home_only(self, host: str) -> None:
        with pytest.raises(ValidationError, match="dev-key"):
            ServerSettings(env="dev", host=host)
        assert ServerSettings(env="prod", host=host).host == host

    def test_access_tokens_live_fifteen_minutes_at_most(self) -> None:
        with pytest.raises(ValidationError):
            AuthSettings(access_ttl_s=901)


class TestRates:
    def client(self, services: Services, **limits: int) -> TestClient:
        none = services.settings.limits.model_copy(update=limits)
        assert isinstance(none, LimitSettings)
        settings = services.settings.model_copy(update={"limits": none})
        return TestClient(app_over(replace(services, settings=settings)))

    def test_a_credential_has_its_rate(self, services: Services) -> None:
        other = by_key(key_of(services, make_user(services).id))
        with self.client(services, requests_per_minute=5) as client:
            codes = [client.get(ME, headers=by_key("dev-key")).status_code for _ in range(6)]
            assert codes == [200] * 5 + [429]
            assert client.get(ME, headers=other).status_code == 200

    def test_an_address_has_its_rate(self, services: Services) -> None:
        other = by_key(key_of(services, make_user(services).id))
        with self.client(services, address_requests_per_minute=5) as client:
            for _ in range(5):
                client.get(ME, headers=by_key("dev-key"))
            answer = client.get(ME, headers=other)
        assert answer.status_code == 429
        assert answer.json()["error"]["code"] == "rate_limited"
        assert 1 <= int(answer.headers["retry-after"]) <= 12

    def test_who_shows_nothing_has_the_rate_of_his_address(self, services: Services) -> None:
        with self.client(services, address_requests_per_minute=2) as client:
            assert [client.get(ME).status_code for _ in range(3)] == [401, 401, 429]

    def test_an_ipv6_address_has_as_many_as_its_network(self, services: Services) -> None:
        with self.client(services, address_requests_per_minute=2) as client:
            app = client.app

            def status(address: str) -> int:
                with TestClient(app, client=(address, 1)) as there:
                    return there.get(ME, headers=by_key("dev-key")).status_code

            network = [status(f"2a02:db8:1:2::{n}") for n in range(1, 4)]
            assert (network, status("2a02:db8:1:3::1")) == ([200, 200, 429], 200)
            mapped = [status(f"::ffff:192.0.2.{n}") for n in range(1, 4)]
            assert mapped == [200, 200, 200]

    def test_guessing_is_slowed(self, services: Services) -> None:
        with self.client(services, refused_per_minute=3) as client:
            codes = [client.get(ME, headers=by_key(f"guess{n}")).status_code for n in range(4)]
            assert codes == [401, 401, 401, 429]
            assert client.get(ME, headers=by_key("dev-key")).status_code == 200


class TestCache:
    def test_a_credential_is_read_once_in_a_while(
        self, api: TestClient, services: Services
    ) -> None:
        key = key_of(services, make_user(services).id)
        api.get(ME, headers=by_key(key))
        ticket = services.credentials.ticket()
        assert api.get(ME, headers=by_key(key)).status_code == 200
        services.credentials.clear()
        assert services.credentials.ticket() == ticket + 1

    def test_what_was_read_before_a_revocation_is_not_kept(self, services: Services) -> None:
        from goviral.features.accounts.authentication import authenticate

        principal = authenticate(services, "dev-key")
        ticket = services.credentials.ticket()
        services.credentials.clear()
        services.credentials.keep("digest", principal, ticket, 60)
        assert services.credentials.find("digest") is None

    def test_it_forgets_in_time(self, services: Services) -> None:
        from goviral.features.accounts.authentication import authenticate
        from goviral.features.accounts.credential_cache import CredentialCache

        now = [0.0]
        cache = CredentialCache(3.0, now=lambda: now[0])
        principal = authenticate(services, "dev-key")
        cache.keep("long", principal, cache.ticket(), 60)
        cache.keep("short", principal, cache.ticket(), 1)
        now[0] = 2.0
        assert cache.find("short") is None
        assert cache.find("long") == principal
        now[0] = 3.0
        assert cache.find("long") is None
