"""Machines whose clocks disagree lose leases: a process that starts with another time says so."""

from datetime import timedelta

import pytest

from goviral.entrypoints.running.starting import warn_of_clock
from goviral.kit.clock import utc_now
from goviral.kit.db.database import Database


@pytest.mark.parametrize(("off_s", "warned"), [(0, False), (-30, True), (30, True)])
def test_a_clock_that_is_not_the_databases_is_told(
    postgres_url: str, caplog: pytest.LogCaptureFixture, off_s: int, warned: bool
) -> None:
    database = Database(postgres_url)
    warn_of_clock(database, lambda: utc_now() + timedelta(seconds=off_s))
    database.close()
    assert (f"{off_s:+} s off" in caplog.text) == warned


def test_one_machine_has_one_clock(caplog: pytest.LogCaptureFixture) -> None:
    warn_of_clock(Database("sqlite://"), lambda: utc_now() + timedelta(days=1))
    assert caplog.text == ""
