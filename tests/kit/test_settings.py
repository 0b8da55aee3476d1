from pathlib import Path

import pytest

from goviral.kit.settings import Settings, child_environment

OURS = ("GOVIRAL_", "OPENAI_", "FFMPEG_", "HF_HUB_")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith(OURS):
            monkeypatch.delenv(name)


def test_without_a_key_no_model_is_asked():
    assert not Settings().llm.enabled


def test_a_key_or_an_endpoint_of_ones_own_is_enough(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert Settings().llm.enabled


def test_the_defaults_of_the_model_are_the_documented_ones():
    llm = Settings().llm
    assert (llm.model, llm.temperature, llm.max_output_tokens) == ("gpt-4o-mini", 0.25, 1800)


def test_a_key_is_never_printed(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    assert "sk-very-secret" not in repr(Settings())


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("GOVIRAL_CACHE_DIR", str(tmp_path))
    assert Settings().cache_dir == Path(tmp_path)


def test_either_name_chooses_the_ffmpeg(monkeypatch):
    monkeypatch.setenv("FFMPEG_BIN", "system")
    assert Settings().ffmpeg_bin == "system"


def test_a_child_gets_what_we_add():
    assert child_environment({"A": "1"})["A"] == "1"
