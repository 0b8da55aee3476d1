"""Write a migration for what the models say and the last migration does not.

`python scripts/new_migration.py "videos have a language"`; read it, correct it, then run its tests
(`pytest tests/kit/db/test_migrations.py`). `--first` writes the revisions of the first version anew, one for
each room that has tables.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from goviral.features.models_all import ALL
from goviral.kit.db import migrate
from goviral.kit.db.base import Base
from goviral.kit.db.database import Database

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def main() -> int:
    """Make a database by the migrations there are, compare, write the next number."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("message", nargs="?", default="")
    arguments.add_argument("--first", action="store_true", help="write the first version anew")
    given = arguments.parse_args()
    if given.first == bool(given.message):
        arguments.error("give a message, or --first")
    if given.first:
        _forget()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        for message, tables in _first() if given.first else [(given.message, None)]:
            migrate.upgrade(database)
            made = migrate.write_revision(database, message, _next_number(), tables)
            _tidy(made)
            print(made)
        database.close()
    return 0


def _first() -> Iterator[tuple[str, frozenset[str]]]:
    """What each room's revision is called, and its tables."""
    for models in ALL:
        room = models.__name__.split(".")[-2]
        tables = (
            mapper.local_table
            for mapper in Base.registry.mappers
            if mapper.class_.__module__ == models.__name__
        )
        yield f"Tables of {room}", frozenset(str(table) for table in tables)


def _forget() -> None:
    for old in VERSIONS.glob("[0-9]*.py"):
        old.unlink()


def _tidy(made: Path) -> None:
    lines = made.read_text(encoding="utf-8").splitlines(keepends=True)
    made.write_text("".join(line for line in lines if "# ###" not in line), encoding="utf-8")
    for tool in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(made)], check=True)  # noqa: TID251


def _next_number() -> str:
    return f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"


if __name__ == "__main__":
    sys.exit(main())
