"""An open stream lives no longer than the credential that opened it, whoever ended that, wherever."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import httpx2
import pytest
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from goviral.entrypoints.api.services import build_services
from goviral.features.accounts.authentication import check_key
from goviral.features.accounts.keys import revoke_key
from goviral.features.accounts.links import LinkWishes, create_link, revoke_link
from goviral.features.accounts.logins import TokenPair, log_out, open_session
from goviral.features.accounts.models import ApiKey, User
from goviral.features.accounts.principal import SCOPES
from goviral.features.accounts.services import Services
from goviral.features.accounts.users import UserWishes, change_user
from goviral.kit.clock import utc_now
from goviral.kit.events.outbox import publish
from goviral.kit.settings import Settings
from twins.live import listening, until
from twins.people import by_key, by_token, key_of, make_user
from twins.resources import as_user

_TIMEOUT_S = 60.0
_ALIVE = ": alive"


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with listening(services) as address:
        yield address


@pytest.fixture
def elsewhere(settings: Settings, services: Services) -> Iterator[Services]:
    """Another process of the same service: its memory is its own."""
    assert services
    other = build_services(settings)
    with closing(other.database):
        yield other


@pytest.fixture
def user(services: Services) -> User:
    return make_user(services)


class Streams:
    """A stream of events and a socket by the same credential; read only when they are asked."""

    def __init__(self, stream: httpx2.Response, socket: ClientConnection) -> None:
        self._stream = stream
        self._socket = socket

    def end_by(self, end: Callable[[], object]) -> tuple[str, str]:
        """What the stream and the socket say last, after `end`; the clients wait no longer than a minute."""
        end()
        said = [line for line in self._stream.iter_lines() if line and line != _ALIVE][
            2:
        ]  # retry, id
        with pytest.raises(ConnectionClosed) as closed:
            self._socket.recv(_TIMEOUT_S)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401
        (last,) = said
        return last, closed.value.rcvd.reason

    def hear(self, name: str) -> None:
        assert json.loads(self._socket.recv(_TIMEOUT_S))["type"] == name


@contextmanager
def streams(url: str, services: Services, headers: dict[str, str]) -> Iterator[Streams]:
    address = f"{url}/api/v1/events"
    websocket = connect(
        f"{address.replace('http', 'ws', 1)}/ws",
        additional_headers=headers,
        open_timeout=_TIMEOUT_S,
        close_timeout=1,
        proxy=None,
    )
    with (
        httpx2.Client(timeout=_TIMEOUT_S) as client,
        client.stream("GET", address, headers=headers) as stream,
        websocket as socket,
    ):
        assert stream.status_code == 200
        until(lambda: services.feed.listeners == 2)
        yield Streams(stream, socket)


def logged_in(services: Services, user: User) -> TokenPair:
    with services.database.transaction() as session:
        return open_session(services, session, user.id, frozenset(SCOPES), "password")


def take_back(services: Services, user: User, key: str) -> None:
    with services.database.transaction() as session:
        row = check_key(session, key, services.clock())
        by = as_user(services, user.id)
        revoke_key(session, services.credentials, by, row.id, services.clock())


_REVOKED = (": ended revoked", "revoked")


def test_a_key_revoked_in_another_process(
    url: str, services: Services, elsewhere: Services, user: User
) -> None:
    key = key_of(services, user.id)
    with streams(url, services, by_key(key)) as both:
        assert both.end_by(lambda: take_back(elsewhere, user, key)) == _REVOKED
    until(lambda: services.feed.listeners == 0)


def test_a_key_ended_by_hand_in_the_database(url: str, services: Services, user: User) -> None:
    key = key_of(services, user.id)

    def end() -> None:
        with services.database.transaction() as session:
            mine = update(ApiKey).where(ApiKey.user_id == user.id)
            session.execute(mine.values(revoked_at=services.clock()))

    with streams(url, services, by_key(key)) as both:
        assert both.end_by(end) == _REVOKED


@pytest.mark.parametrize("of_the_team", [False, True])
def test_a_user_switched_off_or_his_team(
    url: str, services: Services, elsewhere: Services, user: User, of_the_team: bool
) -> None:
    admin = as_user(services, make_user(services, "admin").id)
    heard_by = make_user(services, team_of=user.id) if of_the_team else user

    def end() -> None:
        with elsewhere.database.transaction() as session:
            now = elsewhere.clock()
            wishes = UserWishes(active=False)
            cache, passwords = elsewhere.credentials, elsewhere.passwords
            change_user(session, passwords, cache, admin, user.id, wishes, now)

    with streams(url, services, by_key(key_of(services, heard_by.id))) as both:
        assert both.end_by(end) == _REVOKED


def test_a_login_that_logs_out(
    url: str, services: Services, elsewhere: Services, user: User
) -> None:
    token = logged_in(services, user).access_token

    def end() -> None:
        access = services.tokens.read(token, services.clock())
        by = as_user(services, user.id)
        with elsewhere.database.transaction() as session:
            log_out(elsewhere, session, replace(by, credential_id=access.session_id))

    with streams(url, services, by_token(token)) as both:
        assert both.end_by(end) == _REVOKED


class LeapingClock:
    """The time of day, and what it has leapt ahead."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


def test_a_token_that_expires(services: Services, user: User) -> None:
    clock = LeapingClock()
    later = replace(services, clock=clock)
    token = logged_in(later, user)

    def expire() -> None:
        clock.ahead = timedelta(seconds=token.expires_in_s)

    with listening(later) as url, streams(url, later, by_token(token.access_token)) as both:
        assert both.end_by(expire) == (": ended unauthenticated", "unauthenticated")


def test_a_link_taken_back(url: str, services: Services, elsewhere: Services, user: User) -> None:
    by = as_user(services, user.id)
    with services.database.transaction() as session:
        link, token = create_link(services, session, by, LinkWishes("view", 60))

    def end() -> None:
        with elsewhere.database.transaction() as session:
            revoke_link(session, elsewhere.credentials, by, link.id, elsewhere.clock())

    with streams(url, services, by_token(token)) as both:
        assert both.end_by(end) == _REVOKED


def test_nothing_that_happens_after_a_revocation_is_told(
    url: str, services: Services, user: User
) -> None:
    key = key_of(services, user.id)

    def end() -> None:
        take_back(services, user, key)
        with services.database.transaction() as session:
            publish(session, "clip.ready", owner_id=user.owner_id, subject="clip_secret")

    with streams(url, services, by_key(key)) as both:
        assert both.end_by(end) == _REVOKED


def test_others_listen_on(url: str, services: Services, user: User) -> None:
    mine, other = key_of(services, user.id), key_of(services, user.id)
    with streams(url, services, by_key(mine)) as both:
        take_back(services, user, other)
        time.sleep(2.5)
        assert services.feed.listeners == 2
        with services.database.transaction() as session:
            publish(session, "clip.ready", owner_id=user.owner_id)
        both.hear("clip.ready")
