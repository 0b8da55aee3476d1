"""Reading and writing rows of one owner: the one tenant filter.

Another owner's row is not found, exactly as one that does not exist.
"""

from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from goviral.kit.errors import NotFoundError
from goviral.kit.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, decode_cursor, encode_cursor

T = TypeVar("T")
EVERYONE = "*"
"""As owner: no filter. For jobs and administrators, who are checked elsewhere."""


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
        return statement.where(self.model.owner_id == self.owner_id)

    def find(self, row_id: str) -> T | None:
        """The row, or None where this owner has none of that id."""
        return self.session.scalars(self.rows().where(self.model.id == row_id)).one_or_none()

    def get(self, row_id: str) -> T:
        """The row. Raises `NotFoundError`."""
        row = self.find(row_id)
        if row is None:
            raise NotFoundError(f"There is no {self.noun} {row_id}.", remedy="Check the id.")
        return row

    def add(self, row: T) -> T:
        """Put a new row in, owned by this owner."""
        if self.owner_id != EVERYONE:
            row.owner_id = self.owner_id  # type: ignore[attr-defined]
        self.session.add(row)
        self.session.flush()
        return row

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
        limit = max(1, min(limit, MAX_LIMIT))
        statement = self.rows().where(*where).order_by(self.model.id.desc()).limit(limit + 1)
        if cursor:
            statement = statement.where(self.model.id < decode_cursor(cursor))
        found = list(self.session.scalars(statement))
        more = len(found) > limit
        return Page(found[:limit], encode_cursor(found[limit - 1].id) if more else None)  # type: ignore[attr-defined]

    def count(self, *where: ColumnElement[bool]) -> int:
        """How many rows there are."""
        inner = self.rows().where(*where).subquery()
        return self.session.scalar(select(func.count()).select_from(inner)) or 0
