"""What every test stands on: no model, no network but loopback, the same settings everywhere."""

import warnings

import pytest
from hypothesis import settings
from hypothesis.internal import charmap

pytest_plugins = ["servers"]

settings.register_profile("suite", max_examples=50, deadline=None, derandomize=True)
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def _warm_hypothesis() -> None:
    """On a fresh clone hypothesis leaves a file handle to the collector; warnings are errors here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        charmap.charmap()


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own keys and folders must not decide a test."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GOVIRAL_FFMPEG", "FFMPEG_BIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GOVIRAL_OFFLINE", "1")
