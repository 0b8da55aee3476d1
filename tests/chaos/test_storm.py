"""The short form of `make chaos`: the same storm, shorter, on both sizes."""

import pytest

from chaos.__main__ import storm, table
from servers import Postgres

_SEED = 5
_LEASE_S = 10.0
"""Shorter than in earnest, longer than a machine of CI stalls: what it takes for dead is dead."""


def _assert_well(size: str) -> None:
    out = storm(size, _SEED, jobs=24, blows=6, runs=1, lease_s=_LEASE_S, steps=6, pause_s=0.05)
    told = table(out)
    assert (out.lost, out.twice, out.lies) == ([], [], []), told
    assert out.of_no_room == 0, told
    assert (out.accepted, out.rows) == (24, 24), told
    assert out.states["succeeded"] == 24, told
    assert sum(out.blows.values()) == 6, told
    assert out.runs == {"succeeded": 1}, told
    assert out.looks > 5, told


@pytest.mark.slow
def test_one_machine_loses_nothing_does_nothing_twice_and_says_what_is_true() -> None:
    _assert_well("one")


@pytest.mark.slow
def test_many_machines_lose_nothing_do_nothing_twice_and_say_what_is_true(
    postgres: Postgres, redis_server_url: str
) -> None:
    _assert_well("many")


@pytest.mark.slow
def test_jobs_wait_for_room_on_a_full_disk_and_need_no_administrator(
    postgres: Postgres, redis_server_url: str
) -> None:
    out = storm(
        "many",
        _SEED,
        jobs=24,
        blows=4,
        runs=0,
        lease_s=60.0,
        steps=6,
        pause_s=0.3,
        only="disk full",
    )
    assert out.is_well, table(out)
    assert (out.replayed, out.states) == (0, {"succeeded": 24}), table(out)
    assert max(out.attempts) > 1, "no job found the disk full: nothing is tested"
