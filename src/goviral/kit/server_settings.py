"""Settings of the service; the command line alone needs none of them."""

from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRET_LENGTH = 32
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def long_secret(secret: SecretStr | None) -> SecretStr | None:
    """For validators: a secret one could guess is refused at start."""
    if secret is not None and len(secret.get_secret_value()) < _SECRET_LENGTH:
        raise ValueError(
            f"shorter than {_SECRET_LENGTH} characters; `openssl rand -hex 32` makes one"
        )
    return secret


def listed(secrets: SecretStr | None) -> tuple[str, ...]:
    """Several secrets given as one, with commas."""
    if secrets is None:
        return ()
    return tuple(one.strip() for one in secrets.get_secret_value().split(","))


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
    trusted_proxies: str = Field(
        "",
        validation_alias="GOVIRAL_TRUSTED_PROXIES",
        description="Addresses or networks of proxies, with commas, whose X-Forwarded-For is believed; "
        "`*`: of everybody.",
    )
    drain_s: float = Field(
        0.0,
        ge=0,
        le=300,
        validation_alias="GOVIRAL_DRAIN_S",
        description="Seconds after SIGTERM during which /health says 503 and requests are still answered, "
        "for balancers to hear of it.",
    )

    @model_validator(mode="after")
    def _dev_stays_at_home(self) -> "ServerSettings":
        if self.env == "dev" and self.host not in _LOOPBACK:
            raise ValueError(
                f"GOVIRAL_ENV=dev accepts the key dev-key: it may not listen on {self.host}"
            )
        return self


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
    keep_audit_log_months: int | None = Field(
        None,
        ge=1,
        validation_alias="DATABASE_KEEP_AUDIT_LOG_MONTHS",
        description="Whole months the audit log is kept beside the running one; unset: for ever.",
    )
    keep_model_runs_months: int | None = Field(
        13,
        ge=1,
        validation_alias="DATABASE_KEEP_MODEL_RUNS_MONTHS",
        description="Whole months the record of calls to models is kept beside the running one.",
    )

    @property
    def keep_months(self) -> dict[str, int | None]:
        """How long each table that is kept by month is kept; None: for ever."""
        return {"audit_log": self.keep_audit_log_months, "model_runs": self.keep_model_runs_months}


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
    media_concurrency: int = Field(
        1, ge=0, description="Jobs at a time in a worker that cut and render; 0: none here."
    )
    ai_concurrency: int = Field(2, ge=0, description="Jobs at a time that ask models.")
    publish_concurrency: int = Field(2, ge=0, description="Jobs at a time that call platforms.")
    uploads_concurrency: int = Field(2, ge=0, description="Uploads looked at at a time.")
    webhooks_concurrency: int = Field(
        8, ge=0, description="Deliveries of webhooks at a time; they mostly wait for an answer."
    )
    default_concurrency: int = Field(2, ge=0, description="Jobs at a time of every other kind.")
    uploads_per_owner: int = Field(
        1,
        ge=1,
        description="Of one owner's uploads so many are looked at at a time, on all machines together; "
        "and always fewer than a worker has places.",
    )
    webhooks_per_owner: int = Field(
        3,
        ge=1,
        description="Of one owner's deliveries so many run at a time, on all machines together; and "
        "always fewer than a worker has places.",
    )
    lease_s: float = Field(
        40.0,
        ge=2,
        description="A job whose worker was silent for so long is run by another. Clocks of the "
        "machines must agree much better than this.",
    )
    grace_s: float = Field(
        30.0, ge=0, description="Running jobs may finish for so long at SIGTERM, then go back."
    )
    full_disk_wait_s: float = Field(
        60.0,
        gt=0,
        description="A job that found the disk full is tried again after about so long, then after twice "
        "that, and so on.",
    )
    keep_days: int = Field(30, ge=1, description="Finished jobs are forgotten after so long.")
    visibility_timeout_s: int = Field(
        3600,
        ge=1,
        description="Redis hands a vanished worker's message on after so long. May be shorter than "
        "a job: leases decide what runs.",
    )

    @property
    def concurrency(self) -> dict[str, int]:
        """Jobs at a time for each queue."""
        return {
            "media": self.media_concurrency,
            "ai": self.ai_concurrency,
            "publish": self.publish_concurrency,
            "uploads": self.uploads_concurrency,
            "webhooks": self.webhooks_concurrency,
            "default": self.default_concurrency,
        }

    @property
    def per_owner(self) -> dict[str, int]:
        """The most jobs of one owner at a time, of queues where it is limited: one place is others'."""
        most = {"uploads": self.uploads_per_owner, "webhooks": self.webhooks_per_owner}
        places = self.concurrency
        return {queue: max(1, min(count, places[queue] - 1)) for queue, count in most.items()}


class StorageSettings(BaseSettings):
    """Where videos, clips and thumbnails are kept."""

    model_config = SettingsConfigDict(env_prefix="STORAGE_", extra="ignore", populate_by_name=True)

    backend: Literal["local", "s3", "gcs"] = Field("local", description="Kind of store.")
    link_secret: SecretStr | None = Field(
        None,
        description="Signs links to files of the local store, at least 32 characters; unset: made at "
        "first start and kept in the data folder.",
    )
    link_ttl_s: int = Field(
        3600, ge=1, le=604_800, description="Seconds a link to a clip or thumbnail works."
    )
    upload_link_ttl_s: int = Field(
        43_200, ge=60, le=604_800, description="Seconds a link to upload to the bucket works."
    )
    s3_bucket: str = Field("", validation_alias="S3_BUCKET", description="Bucket of `s3`.")
    s3_endpoint_url: str = Field(
        "",
        validation_alias="S3_ENDPOINT_URL",
        description="An S3-compatible server (MinIO, R2, Ceph, …) instead of Amazon's.",
    )
    aws_access_key_id: str = Field(
        "",
        validation_alias="AWS_ACCESS_KEY_ID",
        description="Key of the bucket; unset: what the machine itself is allowed (no presigned uploads).",
    )
    aws_secret_access_key: SecretStr | None = Field(
        None, validation_alias="AWS_SECRET_ACCESS_KEY", description="Secret of that key."
    )
    aws_region: str = Field(
        "us-east-1", validation_alias="AWS_REGION", description="Region of the bucket."
    )
    gcs_bucket: str = Field("", validation_alias="GCS_BUCKET", description="Bucket of `gcs`.")
    google_application_credentials: Path | None = Field(
        None,
        validation_alias="GOOGLE_APPLICATION_CREDENTIALS",
        description="Service account file; unset: what the machine itself is allowed.",
    )
    gcs_emulator_url: str = Field(
        "",
        validation_alias="STORAGE_EMULATOR_HOST",
        description="A Google Cloud Storage emulator, without credentials. For tests.",
    )


class LibrarySettings(BaseSettings):
    """What may be brought in, how much of it, and how long it is kept."""

    model_config = SettingsConfigDict(env_prefix="LIBRARY_", extra="ignore", populate_by_name=True)

    max_upload_bytes: int = Field(
        10 * 1024**3, ge=1, description="Largest upload, and most that is fetched from one address."
    )
    upload_ttl_h: float = Field(
        24, gt=0, description="Hours after its last byte that an unfinished upload is kept."
    )
    max_duration_ms: int = Field(12 * 3_600_000, ge=1, description="Longest film that is taken.")
    max_pixels: int = Field(
        8192 * 4320,
        ge=1,
        description="Largest picture of a film that is taken, width times height.",
    )
    max_tracks: int = Field(32, ge=1, description="Most tracks a film may have.")
    probe_timeout_s: float = Field(60, gt=0, description="Seconds a look into a film may take.")
    clamav: str = Field(
        "",
        validation_alias="CLAMAV_SOCKET",
        description="clamd, as unix:/run/clamav/clamd.ctl or tcp://host:3310: what comes in is scanned, "
        "and nothing is taken while it does not answer. Its StreamMaxLength must allow the largest film.",
    )
    clamav_timeout_s: float = Field(
        600, gt=0, validation_alias="CLAMAV_TIMEOUT_S", description="Seconds one scan may take."
    )
    free_bytes: int | None = Field(
        50 * 1024**3, ge=0, description="Bytes kept at a time for an owner on the free plan."
    )
    pro_bytes: int | None = Field(1024**4, ge=0, description="Bytes kept at a time, pro plan.")
    enterprise_bytes: int | None = Field(
        None, ge=0, description="Bytes kept at a time, enterprise; unset: no limit."
    )
    keep_sources_days: float | None = Field(
        None, gt=0, description="Days a video's film is kept after its last use; unset: for ever."
    )
    keep_clips_days: float | None = Field(
        None, gt=0, description="Days a clip is kept after it was made; unset: for ever."
    )
    notice_h: float = Field(
        72, ge=72, description="Hours between the warning and the deletion; never fewer than 72."
    )
    keep_temporary_h: float = Field(
        24, gt=0, description="Hours after which what a killed job left behind is swept away."
    )


class AuthSettings(BaseSettings):
    """Credentials and tokens."""

    model_config = SettingsConfigDict(env_prefix="AUTH_", extra="ignore", populate_by_name=True)

    jwt_secret: SecretStr | None = Field(
        None,
        validation_alias="JWT_SECRET",
        description="Signs access tokens, at least 32 characters; unset: made at first start and kept "
        "in the data folder.",
    )
    jwt_secret_previous: SecretStr | None = Field(
        None,
        validation_alias="JWT_SECRET_PREVIOUS",
        description="The secret before `JWT_SECRET`: tokens it signed are still read. Needed for the 15 "
        "minutes after a change; leave it out where the secret was stolen.",
    )
    sealing_keys: SecretStr | None = Field(
        None,
        validation_alias="GOVIRAL_SEALING_KEYS",
        description="Keys that encrypt what is stored and read again (secrets of webhooks), at least 32 "
        "characters each, with commas: the first encrypts, all of them decrypt. Unset: made at first start and "
        "kept in the data folder; with PostgreSQL `JWT_SECRET` does it.",
    )
    access_ttl_s: int = Field(
        900, ge=60, le=900, description="Seconds an access token works; at most 15 minutes."
    )
    refresh_ttl_s: int = Field(
        2_592_000,
        ge=900,
        le=7_776_000,
        description="Seconds after its last use that a refresh token works.",
    )
    cache_s: float = Field(
        3.0,
        ge=0,
        le=10,
        description="Seconds a verified credential is trusted without asking the database. A "
        "revocation acts at once in the process that made it, elsewhere within this time.",
    )
    concurrent_hashes: int = Field(
        2,
        ge=1,
        description="Passwords checked at a time; each takes 46 MB and about a tenth of a second.",
    )

    @field_validator("jwt_secret", "jwt_secret_previous")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        return long_secret(secret)

    @field_validator("sealing_keys")
    @classmethod
    def _each_long_enough(cls, given: SecretStr | None) -> SecretStr | None:
        for key in listed(given):
            long_secret(SecretStr(key))
        return given


class LimitSettings(BaseSettings):
    """Rates and monthly caps. 0 lifts a rate; an unset cap is none."""

    model_config = SettingsConfigDict(env_prefix="LIMIT_", extra="ignore", populate_by_name=True)

    requests_per_minute: int = Field(600, ge=0, description="Requests a minute of one credential.")
    address_requests_per_minute: int = Field(
        1200, ge=0, description="Requests a minute from one address, whoever sends them."
    )
    refused_per_minute: int = Field(
        20, ge=0, description="Refused credentials a minute from one address."
    )
    logins_per_minute: int = Field(
        10,
        ge=0,
        description="Passwords tried a minute for one account, and from one address twice that.",
    )
    login_links_per_hour: int = Field(
        5, ge=0, description="Magic links for logging in that are made for one user in an hour."
    )
    keys: int = Field(
        100, ge=1, description="API keys, and service clients, of one user that work at a time."
    )
    webhooks: int = Field(50, ge=1, description="Webhooks of one owner: each hears of every event.")
    streams: int = Field(
        2000, ge=1, description="Open event streams of one owner in one process of the API."
    )
    max_body_bytes: int = Field(
        1_048_576,
        ge=1024,
        description="Largest body of a request; uploads have a limit of their own.",
    )
    body_wait_s: float = Field(
        30.0,
        gt=0,
        description="Seconds the service waits for the next 16 KiB of a body, or its end: then 408.",
    )
    free_videos: int | None = Field(
        30, ge=0, description="Videos a month of an owner on the free plan."
    )
    free_clips: int | None = Field(
        300, ge=0, description="Clips rendered a month of an owner on the free plan."
    )
    pro_videos: int | None = Field(1000, ge=0, description="Videos a month on the pro plan.")
    pro_clips: int | None = Field(10_000, ge=0, description="Clips rendered a month, pro plan.")
    enterprise_videos: int | None = Field(None, ge=0, description="Videos a month, enterprise.")
    enterprise_clips: int | None = Field(
        None, ge=0, description="Clips rendered a month, enterprise."
    )


class TelemetrySettings(BaseSettings):
    """Logs, metrics, traces."""

    model_config = SettingsConfigDict(extra="ignore", populate_by_name=True)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias="GOVIRAL_LOG_LEVEL", description="What is logged: this and worse."
    )
    log_format: Literal["auto", "json", "text"] = Field(
        "auto",
        validation_alias="GOVIRAL_LOG_FORMAT",
        description="`auto`: text on a terminal, else one JSON object a line.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        validation_alias="GOVIRAL_METRICS_TOKEN",
        description="`/metrics` then wants it as a Bearer token; unset: open to whoever reaches the port.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        validation_alias="GOVIRAL_METRICS_PORT",
        description="Where a worker, scheduler or relay that runs alone shows its metrics; 0: nowhere.",
    )
    otlp_endpoint: str = Field(
        "",
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="An OpenTelemetry collector (OTLP over HTTP); unset: no traces, and no cost.",
    )
    service_name: str = Field(
        "goviral", validation_alias="OTEL_SERVICE_NAME", description="Who the traces are from."
    )


class DeliverySettings(BaseSettings):
    """Outgoing webhooks of the service, and completions that others send in."""

    model_config = SettingsConfigDict(env_prefix="DELIVERY_", extra="ignore", populate_by_name=True)

    timeout_s: float = Field(15.0, gt=0, description="Seconds a receiver may take to answer.")
    trusted_addresses: frozenset[str] = Field(
        frozenset(),
        description="Private addresses deliveries may go to all the same, as a JSON list.",
    )
    keep_days: int = Field(30, ge=1, description="Days that deliveries and events are kept.")
    tolerance_s: int = Field(
        300, ge=1, description="How old a signed completion that comes in may be, in seconds."
    )
