"""`goviral db`: the database's form."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from goviral.kit.db.database import Database

app = typer.Typer(
    help="Bring the database to the form this version needs, or back; keys for what it keeps.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Revision = Annotated[str, typer.Argument(help="Number of a migration; base: none, head: all.")]


@app.command()
def upgrade(revision: Revision = "head") -> None:
    """Bring the database to REVISION. Safe to run twice, and from several machines at once."""
    from goviral.kit.db import migrate

    with _database() as database:
        migrate.upgrade(database, revision)
        typer.echo(f"The database is at {migrate.current(database) or 'base'}.")


@app.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="Number of a migration; base: none.")],
) -> None:
    """Go back to REVISION. What newer columns held is lost."""
    from goviral.kit.db import migrate

    with _database() as database:
        migrate.downgrade(database, revision)
        typer.echo(f"The database is at {migrate.current(database) or 'base'}.")


@app.command()
def current() -> None:
    """Say which form the database has, and which this version needs. 1 where they differ."""
    from goviral.kit.db import migrate

    with _database() as database:
        here, wanted = migrate.current(database), migrate.head()
    typer.echo(f"The database is at {here or 'base'}; this version needs {wanted}.")
    if here != wanted:
        raise typer.Exit(1)


@app.command()
def reseal() -> None:
    """Encrypt stored secrets anew with the first of GOVIRAL_SEALING_KEYS. 1 where some have no key."""
    from goviral.entrypoints.api.services import build_seal
    from goviral.entrypoints.running.starting import load
    from goviral.kit.db.sealed import reseal as reseal_all

    with _database() as database:
        told = reseal_all(database, build_seal(load()))
    typer.echo(f"{told.renewed} sealed anew, {told.current} were.")
    for one in told.lost:
        typer.echo(f"No key opens {one}.", err=True)
    if told.lost:
        raise typer.Exit(1)


@app.command()
def key() -> None:
    """Make a key of the first administrator, shown this once: for who has lost the others."""
    from goviral.features.accounts.first_start import another_key

    with _database() as database:
        typer.echo(another_key(database))


@contextmanager
def _database() -> Iterator["Database"]:
    from alembic.util.exc import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from goviral.entrypoints.api.services import database_url
    from goviral.entrypoints.running.starting import load
    from goviral.features import models_all
    from goviral.kit.db.database import Database, told
    from goviral.kit.errors import DependencyError, InputError

    assert models_all.ALL
    database = Database(database_url(load()))
    try:
        yield database
    except SQLAlchemyError as error:
        raise DependencyError(
            f"The database does not answer: {told(error)}.", remedy="Check DATABASE_URL."
        ) from error
    except CommandError as error:
        raise InputError(f"{error}.", remedy="See `goviral db current`.") from error
    finally:
        database.close()
