"""Reading and writing rows of one owner: the one tenant filter.

Another owner's row is not found, exactly as one that does not exist.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, Insert, Select, Table, func, insert, select
from sqlalchemy.orm import Session

from goviral.kit.errors import NotFoundError
from goviral.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

T = TypeVar("T")
EVERYONE = "*"
"""As owner: no filter. For jobs and administrators, who are checked elsewhere."""


@functools.cache
def _insert_into(table: Table) -> Insert:
    return insert(table)


def is_of(model: Any, owner: Any) -> ColumnElement[bool]:
    """The tenant filter: whatever asks for rows of an owner asks by this."""
    filtered: ColumnElement[bool] = model.owner_id == owner
    return filtered


def missing(noun: str, row_id: str) -> NotFoundError:
    """What is said of a row that is not there, or another's."""
    return NotFoundError(f"There is no {noun} {row_id}.", remedy="Check the id.")


def page_of(found: Sequence[T], limit: int, id_of: Callable[[T], str]) -> Page[T]:
    """The page of rows that were found, where one more than `limit` was asked for."""
    limit = held(limit)
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(id_of(found[limit - 1])) if more else None)


def held(limit: int) -> int:
    """A limit within what is sensible."""
    return max(1, min(limit, MAX_LIMIT))


class Repository(Generic[T]):
    """Rows of `model` that belong to `owner_id`.

    Subclasses set `model` (a mapped class with `id` and, but for system tables, `owner_id`) and add
    the queries of their feature, each starting from `self.rows()`.
    """

    model: ClassVar[type[Any]]
    noun: ClassVar[str] = "row"

    def __init__(self, session: Session, owner_id: str) -> None:
        self.session = session
        self.owner_id = owner_id

    def rows(self) -> "Select[tuple[T]]":
        """All rows this owner may see: the beginning of every query."""
        statement = select(self.model)
        if self.owner_id == EVERYONE:
            return statement
        return statement.where(is_of(self.model, self.owner_id))

    def find(self, row_id: str) -> T | None:
        """The row, or None where this owner has none of that id."""
        return self.session.scalars(self.rows().where(self.model.id == row_id)).one_or_none()

    def get(self, row_id: str) -> T:
        """The row. Raises `NotFoundError`."""
        row = self.find(row_id)
        if row is None:
            raise missing(self.noun, row_id)
        return row

    def get_for_update(self, row_id: str) -> T:
        """The row as it is by now; whoever else would change it waits for this transaction's end.

        Raises `NotFoundError`, also where it was deleted while we waited.
        """
        statement = self.rows().where(self.model.id == row_id).with_for_update()
        # Read before, it would be shown as it was then.
        newest = statement.execution_options(populate_existing=True)
        row = self.session.scalars(newest).one_or_none()
        if row is None:
            raise missing(self.noun, row_id)
        return row

    def add(self, row: T) -> T:
        """Put a new row in, owned by this owner."""
        if self.owner_id != EVERYONE:
            row.owner_id = self.owner_id  # type: ignore[attr-defined]
        self.session.add(row)
        self.session.flush()
        return row

    def insert(self, columns: dict[str, Any]) -> None:
        """Put a new row in without an object of it: a third of the price of `add`.

        What is None is left to the table.
        """
        said = {name: value for name, value in columns.items() if value is not None}
        if self.owner_id != EVERYONE:
            said["owner_id"] = self.owner_id
        self.session.connection().execute(_insert_into(self.model.__table__), said)

    def delete(self, row: T) -> None:
        """Take a row out."""
        self.session.delete(row)
        self.session.flush()

    def page(
        self,
        *where: ColumnElement[bool],
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[T]:
        """Rows newest first, `limit` at a time (at most 200)."""
        # One more than is shown: it says that there are more.
        statement = self.rows().where(*where).order_by(self.model.id.desc()).limit(held(limit) + 1)
        if cursor:
            statement = statement.where(self.model.id < decode_cursor(cursor))
        found: list[Any] = list(self.session.scalars(statement))
        return page_of(found, limit, lambda row: str(row.id))

    def count(self, *where: ColumnElement[bool]) -> int:
        """How many rows there are."""
        inner = self.rows().where(*where).subquery()
        return self.session.scalar(select(func.count()).select_from(inner)) or 0
