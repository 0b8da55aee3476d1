"""What every table shares: names of constraints, identifiers, owners, times in UTC."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from goviral.kit.clock import utc_now

_ID_LENGTH = 64
# Named by rule, so that a migration can drop a constraint on both databases.
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time. SQLite keeps no zone: it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return _utc(value)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    # SQLite: the text SQLAlchemy writes and reads, in a third of its time. A new video binds five,
    # a page of a list reads a hundred.

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    @override
    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any] | None:
        if dialect.name == "sqlite":
            return _from_text
        return super().result_processor(dialect, coltype)


def _utc(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError("a time without a zone")
    return value.astimezone(UTC) if value else None


def _as_text(value: datetime | None) -> str | None:
    utc = _utc(value)
    return utc.replace(tzinfo=None).isoformat(" ", "microseconds") if utc else None


def _from_text(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text + "+00:00") if text else None


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class Base(DeclarativeBase):
    """The one metadata; every `models` module hangs its tables here."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: Json, list[Any]: Json}


class Identified:
    """Mixin: a text key made by `kit.ids.new_id`, so it sorts by time of making."""

    id: Mapped[str] = mapped_column(String(_ID_LENGTH), primary_key=True)


class Owned:
    """Mixin: the user the row belongs to. `Repository` filters by it; nothing else has to."""

    owner_id: Mapped[str] = mapped_column(String(_ID_LENGTH), index=True)


class Listed(Owned):
    """Mixin: `Owned` rows that are listed newest first. Their table needs an index on `owner_id, id`:

    without it a page is sorted out of all that the owner has.
    """

    owner_id: Mapped[str] = mapped_column(String(_ID_LENGTH))


class Timestamped:
    """Mixin: when the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
