"""The stores by the name a setting gives them; a store's client library is loaded when it is chosen."""

from collections.abc import Callable

from goviral.kit.errors import DependencyError
from goviral.kit.settings import Settings
from goviral.kit.storage.store import Store


def _local(settings: Settings) -> Store:
    from goviral.kit.storage.stores.local import local_store

    return local_store(settings)


def _s3(settings: Settings) -> Store:
    from goviral.kit.storage.stores.s3 import s3_store

    return s3_store(settings)


def _gcs(settings: Settings) -> Store:
    from goviral.kit.storage.stores.gcs import gcs_store

    return gcs_store(settings)


STORES: dict[str, Callable[[Settings], Store]] = {"local": _local, "s3": _s3, "gcs": _gcs}


def make_store(settings: Settings) -> Store:
    """The store the settings choose. Raises `DependencyError` where it lacks a setting or a package."""
    name = settings.storage.backend
    try:
        return STORES[name](settings)
    except ImportError as error:
        raise DependencyError(
            f"STORAGE_BACKEND={name} needs the package {error.name}.",
            remedy="Install the extra: pip install '.[server]' where GoViral's source is.",
        ) from error
