"""Credentials that listen are asked again: one question each, all in turn, some at once."""

import pytest

from goviral.kit.errors import UnauthenticatedError
from goviral.kit.events.standing import Ended, Standing, Standings


class Clock:
    """Monotonic seconds that run when they are told to."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Heard:
    """A listener that notes how it was ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def refuse(self, why: Ended) -> None:
        self.ended.append(why.code)


class Asked:
    """A credential of a user, good for `life_s` until `revoked`; each question takes `cost_s`."""

    def __init__(self, clock: Clock, name: str, life_s: float = 1e9, cost_s: float = 0.0) -> None:
        self.clock = clock
        self.ends_s = clock() + life_s
        self.cost_s = cost_s
        self.times = 0
        self.revoked = False
        self.standing = Standing(name, f"usr_{name}", self.ask)

    def ask(self) -> float:
        self.times += 1
        self.clock.now_s += self.cost_s
        if self.revoked or self.clock() >= self.ends_s:
            raise UnauthenticatedError("no more")
        return self.ends_s - self.clock()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def standings(clock: Clock) -> Standings:
    return Standings(clock)


def pass_s(clock: Clock, seconds: float) -> None:
    clock.now_s += seconds


def test_a_thousand_sockets_of_one_credential_are_one_question(
    clock: Clock, standings: Standings
) -> None:
    one, heard = Asked(clock, "a"), [Heard() for _ in range(1000)]
    for listener in heard:
        standings.join(listener, one.standing)
    standings.look()
    assert one.times == 1
    one.revoked = True
    pass_s(clock, 1)
    standings.look()
    assert {tuple(listener.ended) for listener in heard} == {("unauthenticated",)}


def test_it_is_asked_once_a_second_however_often_there_is_news(
    clock: Clock, standings: Standings
) -> None:
    one = Asked(clock, "a")
    standings.join(Heard(), one.standing)
    for _ in range(40):
        standings.look()
        pass_s(clock, 0.02)
    assert one.times == 1
    pass_s(clock, 0.2)
    standings.look()
    assert one.times == 2


def test_many_credentials_take_turns_within_the_time_there_is(
    clock: Clock, standings: Standings
) -> None:
    many = [Asked(clock, str(number), cost_s=0.001) for number in range(1000)]
    for one in many:
        standings.join(Heard(), one.standing)
    for _ in range(20):
        began_s = clock()
        standings.look()
        assert clock() - began_s < 0.06
        pass_s(clock, 1)
    assert all(one.times for one in many)


def test_a_change_is_asked_about_at_once(clock: Clock, standings: Standings) -> None:
    mine, other, heard = Asked(clock, "a"), Asked(clock, "b"), Heard()
    standings.join(heard, mine.standing)
    standings.join(Heard(), other.standing)
    mine.revoked = True
    standings.changed(["usr_a"])
    assert (heard.ended, other.times) == (["unauthenticated"], 0)


def test_what_has_run_out_ends_whoever_else_waits(clock: Clock, standings: Standings) -> None:
    for number in range(200):
        standings.join(Heard(), Asked(clock, str(number), cost_s=0.01).standing)
    short, heard = Asked(clock, "short", life_s=2), Heard()
    standings.join(heard, short.standing)
    standings.changed(["usr_short"])
    pass_s(clock, 3)
    standings.look()
    assert heard.ended == ["unauthenticated"]


def test_who_has_left_is_not_asked_for(clock: Clock, standings: Standings) -> None:
    one, first, second = Asked(clock, "a"), Heard(), Heard()
    standings.join(first, one.standing)
    standings.join(second, one.standing)
    standings.leave(first, one.standing)
    one.revoked = True
    standings.changed(["usr_a"])
    assert (first.ended, second.ended) == ([], ["unauthenticated"])
    standings.leave(second, one.standing)
    pass_s(clock, 5)
    standings.look()
    assert one.times == 1
