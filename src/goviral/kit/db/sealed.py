"""Columns of sealed values, and sealing them all anew when keys change."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, MetaData, Row, Table, Text, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from goviral.kit.db.base import Base
from goviral.kit.db.database import Database
from goviral.kit.seal import Seal, SealError

_BATCH = 200


class SealedText(TypeDecorator[str]):
    """Text that `Seal` closed about its row's `id`; empty or NULL where there is none.

    It is neither sealed nor opened here: only the code that needs the value has the keys.
    """

    impl = Text
    cache_ok = True


@dataclass(slots=True)
class Resealed:
    """How many values were sealed anew, were so already, and which (table and id) no key opens."""

    renewed: int = 0
    current: int = 0
    lost: list[str] = field(default_factory=list)


def reseal(database: Database, seal: Seal, tables: MetaData = Base.metadata) -> Resealed:
    """Seal every sealed value of every table with the newest key. Safe beside a running service, and twice."""
    told = Resealed()
    for table, columns in _sealed(tables):
        after: str | None = ""
        while after is not None:
            with database.transaction() as session:
                after = _reseal_some(session, seal, table, columns, after, told)
    return told


def _sealed(tables: MetaData) -> Iterator[tuple[Table, list[Column[Any]]]]:
    for table in tables.sorted_tables:
        columns = [one for one in table.columns if isinstance(one.type, SealedText)]
        if columns:
            yield table, columns


def _reseal_some(
    session: Session,
    seal: Seal,
    table: Table,
    columns: Sequence[Column[Any]],
    after: str,
    told: Resealed,
) -> str | None:
    """One batch after the id `after`; its last id, None where there were no more."""
    any_sealed = or_(*(one != "" for one in columns))
    statement = select(table.c.id, *columns).where(table.c.id > after, any_sealed)
    rows = session.execute(statement.order_by(table.c.id).limit(_BATCH).with_for_update()).all()
    for row in rows:
        renewed = _renewed(seal, table, columns, row, told)
        if renewed:
            session.execute(update(table).where(table.c.id == row.id).values(renewed))
    return str(rows[-1].id) if len(rows) == _BATCH else None


def _renewed(
    seal: Seal, table: Table, columns: Sequence[Column[Any]], row: Row[Any], told: Resealed
) -> dict[str, str]:
    found = {one.name: row._mapping[one] for one in columns if row._mapping[one]}
    old = {name: text for name, text in found.items() if not seal.is_newest(text)}
    told.current += len(found) - len(old)
    renewed = {}
    for name, text in old.items():
        try:
            renewed[name] = seal.close(seal.open(text, row.id), row.id)
        except SealError:
            told.lost.append(f"{table.name}.{name} {row.id}")
    told.renewed += len(renewed)
    return renewed
