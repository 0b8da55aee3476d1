"""What every engine must do, run over the registry."""

import time
from pathlib import Path

import pytest

from engine.transcripts.engines.conftest import TALK
from goviral.engine.transcripts.engine import Engine
from goviral.engine.transcripts.engines import ENGINES
from goviral.kit.errors import AppError, DependencyError, InputError
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(GOVIRAL_CACHE_DIR=tmp_path, GOVIRAL_OFFLINE=True)


@pytest.mark.parametrize("name", ENGINES)
class TestEveryEngine:
    def engine(self, name: str, settings: Settings) -> Engine:
        return ENGINES[name](settings)

    def test_is_registered_under_its_name(self, name: str, settings: Settings) -> None:
        assert self.engine(name, settings).name == name

    def test_says_soon_whether_it_can_run(self, name: str, settings: Settings) -> None:
        begun = time.monotonic()
        reason = self.engine(name, settings).available()
        assert time.monotonic() - begun < 60
        assert reason is None or reason.endswith(".")

    def test_says_that_a_file_is_not_there(self, name: str, settings: Settings) -> None:
        with pytest.raises((InputError, DependencyError)) as error:
            self.engine(name, settings).transcribe(
                settings.cache_dir / "none.mp4",
                language="en",
                model=None,
                progress=SilentProgress(),
                cancelled=lambda: False,
            )
        assert isinstance(error.value, AppError)


class TestAutomatic:
    def test_never_sends_sound_away_unasked(self, settings: Settings) -> None:
        engines = [make(settings) for make in ENGINES.values()]
        assert not any(engine.automatic and engine.needs_network for engine in engines)

    def test_tries_drafts_last(self, settings: Settings) -> None:
        automatic = [e for e in (make(settings) for make in ENGINES.values()) if e.automatic]
        assert [engine.is_draft for engine in automatic] == [False, True, True]


@pytest.mark.parametrize("name", ["faster-whisper", "openai"])
def test_one_without_its_model_or_key_refuses_before_it_starts(
    name: str, settings: Settings
) -> None:
    engine = ENGINES[name](settings)
    assert engine.available()
    with pytest.raises(DependencyError) as error:
        engine.transcribe(
            TALK, language=None, model=None, progress=SilentProgress(), cancelled=lambda: False
        )
    assert error.value.remedy
