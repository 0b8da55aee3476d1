"""Times that somebody gives, at the edges: in UTC from there on."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def in_utc(at: datetime) -> datetime:
    """The same moment in UTC; without a zone it is taken for UTC.

    Raises `ValueError` where UTC would be before the year 1 or after 9999.
    """
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar once it is in UTC") from error


UtcTime = Annotated[AwareDatetime, AfterValidator(in_utc)]
"""A time that somebody gives, with its zone."""
UtcTimeOrDay = Annotated[datetime, AfterValidator(in_utc)]
"""The same, or a day, or a time without a zone: then it is UTC's."""
