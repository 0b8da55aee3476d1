"""Write a migration for what the models say and the last migration does not.

`python scripts/new_migration.py "videos have a language"`; read it, correct it, then run its tests
(`pytest tests/kit/db/test_migrations.py`). `--first` writes the initial revision anew.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from goviral.features.models_all import ALL
from goviral.kit.db import migrate
from goviral.kit.db.database import Database

VERSIONS = Path(migrate.__file__).parent / "migrations" / "versions"


def main() -> int:
    """Make a database by the migrations there are, compare, write the next number."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("message", nargs="?", default="The tables of the first version")
    arguments.add_argument("--first", action="store_true", help="write 0001 anew")
    given = arguments.parse_args()
    if given.first:
        for old in VERSIONS.glob("0001*.py"):
            old.unlink()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.db")
        migrate.upgrade(database)
        made = migrate.write_revision(database, given.message, _next_number())
        database.close()
    for tool in (["check", "--fix", "-q"], ["format", "-q"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(made)], check=True)  # noqa: TID251
    print(f"{made} ({len(ALL)} modules of models)")
    return 0


def _next_number() -> str:
    return f"{len(list(VERSIONS.glob('[0-9]*.py'))) + 1:04}"


if __name__ == "__main__":
    sys.exit(main())
