"""Settings of the service; the command line alone needs none of them."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServerSettings(BaseSettings):
    """Where the service listens and keeps its files."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    env: Literal["prod", "dev"] = Field(
        "prod",
        validation_alias="GOVIRAL_ENV",
        description="`dev` accepts the key `dev-key`. Never on a machine others can reach.",
    )
    host: str = Field("127.0.0.1", validation_alias="GOVIRAL_HOST", description="Address to bind.")
    port: int = Field(8000, validation_alias="GOVIRAL_PORT", description="Port to bind; 0: any.")
    base_url: str = Field(
        "",
        validation_alias=AliasChoices("GOVIRAL_BASE_URL", "PUBLIC_BASE_URL"),
        description="Address under which others reach the service; links are built from it.",
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("goviral")),
        validation_alias="GOVIRAL_DATA_DIR",
        description="Database, files and temporary work of the one-machine size.",
    )


class DatabaseSettings(BaseSettings):
    """One SQLite file unless told otherwise."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        description="postgresql://… or sqlite:///…; unset: goviral.db in the data folder.",
    )
    pool_size: int = Field(
        10, ge=1, validation_alias="DATABASE_POOL_SIZE", description="Connections kept open."
    )


class JobSettings(BaseSettings):
    """How background work runs."""

    model_config = SettingsConfigDict(env_prefix="JOBS_", extra="ignore", populate_by_name=True)

    backend: Literal["embedded", "celery"] = Field(
        "embedded", description="`celery` needs REDIS_URL."
    )
    redis_url: str = Field(
        "",
        validation_alias="REDIS_URL",
        description="Queues, live events, rate limits and locks of many machines.",
    )


class StorageSettings(BaseSettings):
    """Where videos, clips and thumbnails are kept."""

    model_config = SettingsConfigDict(env_prefix="STORAGE_", extra="ignore", populate_by_name=True)

    backend: Literal["local", "s3", "gcs"] = Field("local", description="Kind of store.")


class AuthSettings(BaseSettings):
    """Credentials and tokens."""

    model_config = SettingsConfigDict(env_prefix="AUTH_", extra="ignore", populate_by_name=True)

    jwt_secret: SecretStr | None = Field(
        None,
        validation_alias="JWT_SECRET",
        description="Signs access tokens, at least 32 characters; unset: made at first start and kept "
        "in the data folder.",
    )


class LimitSettings(BaseSettings):
    """Rates and monthly caps."""

    model_config = SettingsConfigDict(env_prefix="LIMIT_", extra="ignore", populate_by_name=True)


class TelemetrySettings(BaseSettings):
    """Logs, metrics, traces."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)


class DeliverySettings(BaseSettings):
    """Outgoing webhooks of the service."""

    model_config = SettingsConfigDict(env_prefix="DELIVERY_", extra="ignore", populate_by_name=True)
