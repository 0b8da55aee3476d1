"""The one composition root: what the settings choose, wired together."""

from goviral.features.accounts.services import Services
from goviral.kit.db.database import Database
from goviral.kit.settings import Settings


def build_services(settings: Settings) -> Services:
    """Everything API, worker and scheduler stand on. Opens no connection before it is used."""
    return Services(
        settings=settings,
        database=Database(database_url(settings), pool_size=settings.database.pool_size),
    )


def database_url(settings: Settings) -> str:
    """The database the settings name; none: one file in the data folder."""
    return settings.database.url or f"sqlite:///{settings.server.data_dir / 'goviral.db'}"
