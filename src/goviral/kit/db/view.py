"""Columns of one table as they stand, for answers that only show them.

Making objects of the rows took two thirds of what a reading request costs.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.engine import Connection

from goviral.kit.db.repository import held, is_of, missing, page_of
from goviral.kit.paging import DEFAULT_LIMIT, Page, decode_cursor

Columns = dict[str, Any]
"""A row, by the names of its columns."""


class View:
    """Some columns of `model`'s table, found as a `Repository` finds rows; always of one owner.

    Made once, with its statements: SQLAlchemy takes as long to build one as the database to answer it.
    """

    def __init__(self, model: type[Any], noun: str, names: Sequence[str]) -> None:
        # Of the table: a column of the class would make objects' business of it.
        self._columns: Any = model.__table__.c
        self._noun = noun
        self._names = tuple(names)
        rows = select(*(self._columns[name] for name in self._names))
        own = rows.where(is_of(self._columns, bindparam("owner")))
        self._one = own.where(self._columns.id == bindparam("row_id"))
        self._first = own.order_by(self._columns.id.desc()).limit(bindparam("most"))

    def get(self, connection: Connection, owner_id: str, row_id: str) -> Columns:
        """The row. Raises `NotFoundError`."""
        asked = {"owner": owner_id, "row_id": row_id}
        found = connection.execute(self._one, asked).one_or_none()
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
        statement = self._first.where(*where) if where else self._first
        if cursor:
            statement = statement.where(self._columns.id < decode_cursor(cursor))
        asked = {"owner": owner_id, "most": held(limit) + 1}
        found = [self._named(row) for row in connection.execute(statement, asked).all()]
        return page_of(found, limit, lambda row: str(row["id"]))

    def _named(self, row: Sequence[Any]) -> Columns:
        return dict(zip(self._names, row, strict=True))
