"""Times that somebody gives: in UTC, or refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from goviral.kit.times import UtcTime, UtcTimeOrDay

WITH_ZONE, ANY = TypeAdapter[datetime](UtcTime), TypeAdapter[datetime](UtcTimeOrDay)
LAST = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("kind", [WITH_ZONE, ANY])
def test_a_time_of_another_zone_is_the_same_moment_in_utc(kind: TypeAdapter[datetime]) -> None:
    given = kind.validate_python("2026-07-01T02:00:00+05:30")
    assert given == datetime(2026, 6, 30, 20, 30, tzinfo=UTC)
    assert given.tzinfo is UTC


@pytest.mark.parametrize("kind", [WITH_ZONE, ANY])
def test_the_calendar_is_taken_to_its_edges_and_not_beyond(kind: TypeAdapter[datetime]) -> None:
    assert kind.validate_python("9999-12-31T23:59:59Z") == LAST
    assert kind.validate_python("0001-01-01T00:00:00Z") == datetime(1, 1, 1, tzinfo=UTC)
    for beyond in ("9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"):
        with pytest.raises(ValidationError, match="calendar"):
            kind.validate_python(beyond)


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2026-12-31", datetime(2026, 12, 31, tzinfo=UTC)),
        ("2026-12-31T10:00:00", datetime(2026, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_a_day_or_a_time_without_a_zone_is_utcs_only_where_that_may_be(given: Any, at: Any) -> None:
    assert ANY.validate_python(given) == at
    with pytest.raises(ValidationError):
        WITH_ZONE.validate_python(given)
