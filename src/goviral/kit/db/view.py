"""Columns of one table as they stand, for answers that only show them.

Making objects of the rows took two thirds of what a reading request costs.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.engine import Connection

from goviral.kit.db.repository import EVERYONE, missing, of_owner, page_of, part_of
from goviral.kit.paging import DEFAULT_LIMIT, Page

Columns = dict[str, Any]
"""A row, by the names of its columns."""


class View:
    """Some columns of `model`'s table, found as a `Repository` finds rows: each owner his own.

    Made once, with its statements: SQLAlchemy takes as long to build one as the database to answer it.
    """

    def __init__(self, model: type[Any], noun: str, names: Sequence[str]) -> None:
        # Of the table: a column of the class would make objects' business of it.
        self._columns: Any = model.__table__.c
        self._noun = noun
        self._names = tuple(names)
        self._rows = select(*(self._columns[name] for name in self._names))
        self._any = self._rows.where(self._columns.id == bindparam("row_id"))
        self._own = self._any.where(self._columns.owner_id == bindparam("owner"))

    def get(self, connection: Connection, owner_id: str, row_id: str) -> Columns:
        """The row. Raises `NotFoundError`."""
        if owner_id == EVERYONE:
            found = connection.execute(self._any, {"row_id": row_id}).one_or_none()
        else:
            asked = {"row_id": row_id, "owner": owner_id}
            found = connection.execute(self._own, asked).one_or_none()
        if found is None:
            raise missing(self._noun, row_id)
        return self._named(found)

    def page(
        self,
        connection: Connection,
        owner_id: str,
        *where: ColumnElement[bool],
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Columns]:
        """As `Repository.page`."""
        rows = of_owner(self._rows, self._columns, owner_id).where(*where)
        found = connection.execute(part_of(rows, self._columns, cursor, limit))
        return page_of([self._named(row) for row in found], limit, lambda row: str(row["id"]))

    def _named(self, row: Sequence[Any]) -> Columns:
        return dict(zip(self._names, row, strict=True))
