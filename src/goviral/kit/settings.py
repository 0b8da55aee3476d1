"""One typed Settings; the only reader of the environment.

Every variable is documented by its field; `docs/settings.md` is made from them.
Nested groups come with the features that need them.
"""

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from goviral.kit.server_settings import (
    AuthSettings,
    DatabaseSettings,
    DeliverySettings,
    JobSettings,
    LibrarySettings,
    LimitSettings,
    ServerSettings,
    StorageSettings,
    TelemetrySettings,
)


class LlmSettings(BaseSettings):
    """An OpenAI-compatible endpoint. Without a key everything still works, by built-in ranking."""

    model_config = SettingsConfigDict(env_prefix="OPENAI_", extra="ignore")

    api_key: SecretStr | None = Field(
        None, description="Key of the endpoint; none: no model is asked."
    )
    base_url: str | None = Field(None, description="Any OpenAI-compatible endpoint.")
    model: str = Field("gpt-4o-mini", description="Model that proposes moments.")
    temperature: float = Field(0.25, description="Sampling temperature of proposals.")
    max_output_tokens: int = Field(1800, description="Longest answer asked for.")
    timeout_s: float = Field(60.0, description="Seconds to wait for one answer.")
    max_attempts: int = Field(
        4, description="Tries in all for one answer, when the endpoint is busy, slow or failing."
    )
    max_retry_delay_s: float = Field(
        30.0, description="Longest wait between tries; an endpoint that asks for more is given up."
    )
    max_total_tokens: int | None = Field(
        None, description="Tokens one job may spend in all; unset: no limit."
    )
    transcription_model: str = Field("whisper-1", description="Model of the openai engine.")
    input_usd_per_million: float | None = Field(
        None,
        ge=0,
        description="What a million tokens asked cost, in US dollars; unset: model runs have no cost.",
    )
    output_usd_per_million: float | None = Field(
        None, ge=0, description="What a million tokens answered cost, in US dollars."
    )
    transcription_usd_per_minute: float | None = Field(
        None, ge=0, description="What the openai engine costs for a minute of sound, in US dollars."
    )

    @property
    def enabled(self) -> bool:
        """A key, or an endpoint of one's own that may need none."""
        return self.api_key is not None or self.base_url is not None


class MomentSettings(BaseSettings):
    """How a transcript is cut for the model, and how many calls run at a time."""

    model_config = SettingsConfigDict(extra="ignore")

    chunk_duration_ms: int = Field(
        450_000,
        ge=1_000,
        validation_alias="CHUNK_DURATION_MS",
        description="Length of the window of a transcript that one call sees.",
    )
    chunk_overlap_ms: int = Field(
        45_000,
        ge=0,
        validation_alias="CHUNK_OVERLAP_MS",
        description="How much of a window the next one sees again.",
    )
    max_concurrency: int = Field(
        4, ge=1, validation_alias="MAX_CONCURRENCY", description="Calls to the model at a time."
    )


class WebhookSettings(BaseSettings):
    """How results are delivered to the addresses that a job names."""

    model_config = SettingsConfigDict(env_prefix="WEBHOOK_", extra="ignore", populate_by_name=True)

    secret: SecretStr | None = Field(
        None, description="Signs each delivery: X-Webhook-Signature. None: not signed."
    )
    retry_attempts: int = Field(3, ge=1, description="Tries in all for one delivery.")
    max_delay: float = Field(30.0, ge=0, description="Longest wait between tries, in seconds.")
    timeout_s: float = Field(15.0, gt=0, description="Seconds a receiver may take to answer.")
    derive_progress: bool = Field(
        True,
        validation_alias=AliasChoices("DERIVE_PROGRESS_WEBHOOK", "WEBHOOK_DERIVE_PROGRESS"),
        description="Send progress to the completion address + /progress where no other is named.",
    )


class Settings(BaseSettings):
    """What the environment says. Frozen: read once, passed down."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    cache_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("goviral")),
        validation_alias="GOVIRAL_CACHE_DIR",
        description="Where models and downloads are kept between runs.",
    )
    ffmpeg_bin: str | None = Field(
        None,
        validation_alias=AliasChoices("GOVIRAL_FFMPEG", "FFMPEG_BIN"),
        description="An ffmpeg to use instead of the packaged one; `system` takes the one on PATH.",
    )
    encoder: Literal["auto", "x264", "nvenc", "qsv", "vaapi", "videotoolbox"] = Field(
        "x264",
        validation_alias="GOVIRAL_ENCODER",
        description="Who encodes clips: x264, the same picture everywhere; a hardware encoder, used where a "
        "trial shows that it works; or `auto`, the first of those that does.",
    )
    whisper_model: str | None = Field(
        None,
        validation_alias="GOVIRAL_WHISPER_MODEL",
        description="faster-whisper model name or folder; unset: chosen by the machine.",
    )
    face_models_dir: Path | None = Field(
        None,
        validation_alias="GOVIRAL_FACE_MODELS",
        description="Folder with the BlazeFace and face mesh files; unset: <cache>/faces.",
    )
    broll_dir: Path | None = Field(
        None,
        validation_alias=AliasChoices("GOVIRAL_BROLL_DIR", "BROLL_DIR"),
        description="Folder of short films and pictures to show where their names or tags are said.",
    )
    brand: Path | None = Field(
        None,
        validation_alias="GOVIRAL_BRAND",
        description="A brand.json for all clips that are not given another: docs/brand.md.",
    )
    allow_private_urls: bool = Field(
        False,
        validation_alias="GOVIRAL_ALLOW_PRIVATE_URLS",
        description="Read sources from private networks too. For a trusted local media server only.",
    )
    cookies_file: Path | None = Field(
        None,
        validation_alias="GOVIRAL_COOKIES",
        description="cookies.txt of a browser, for sources that need a login. Read, never changed.",
    )
    download_timeout_s: float = Field(
        20.0,
        validation_alias="GOVIRAL_DOWNLOAD_TIMEOUT_S",
        description="Seconds a server may be silent before a download counts as stuck.",
    )
    offline: bool = Field(
        False,
        validation_alias=AliasChoices("GOVIRAL_OFFLINE", "HF_HUB_OFFLINE"),
        description="Never fetch a model; use what is here.",
    )
    llm: LlmSettings = Field(default_factory=LlmSettings)
    moments: MomentSettings = Field(default_factory=MomentSettings)
    webhooks: WebhookSettings = Field(default_factory=WebhookSettings)
    server: ServerSettings = Field(default_factory=ServerSettings)
    database: DatabaseSettings = Field(default_factory=DatabaseSettings)
    jobs: JobSettings = Field(default_factory=JobSettings)
    storage: StorageSettings = Field(default_factory=StorageSettings)
    library: LibrarySettings = Field(default_factory=LibrarySettings)
    auth: AuthSettings = Field(default_factory=AuthSettings)
    limits: LimitSettings = Field(default_factory=LimitSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)
    delivery: DeliverySettings = Field(default_factory=DeliverySettings)


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """The settings of this process. Tests construct `Settings` themselves."""
    return Settings()


def own_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `extra` on top, secrets included: for more processes of ours."""
    return {**os.environ, **extra}  # noqa: TID251


def count_together(folder: Path) -> None:
    """Let this process and its forks count their metrics in `folder`, unless one is named already.

    Before `goviral.kit.telemetry.metrics` is imported: its library looks once.
    """
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(folder))  # noqa: TID251


def child_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment for a child, with `extra` on top, without our secrets."""
    inherited = {k: v for k, v in os.environ.items() if "KEY" not in k and "SECRET" not in k}  # noqa: TID251
    return {**inherited, **extra}
