import pytest

from goviral.engine.transcripts.model_choice import Machine, choose_model, this_machine

GIB = 1 << 30


class TestChooseModel:
    @pytest.mark.parametrize(
        ("machine", "model"),
        [
            (Machine(1, GIB), "tiny"),
            (Machine(2, 8 * GIB), "base"),
            (Machine(4, 8 * GIB), "small"),
            (Machine(16, 32 * GIB), "large-v3-turbo"),
            (Machine(16, 4 * GIB), "small"),
            (Machine(2, 8 * GIB, gpus=1), "large-v3-turbo"),
        ],
    )
    def test_goes_by_the_machine(self, machine: Machine, model: str) -> None:
        assert choose_model(machine, None) == model

    def test_english_has_small_models_of_its_own(self) -> None:
        assert choose_model(Machine(4, 8 * GIB), "en") == "small.en"
        assert choose_model(Machine(4, 8 * GIB), "de") == "small"
        assert choose_model(Machine(4, 8 * GIB, gpus=1), "en") == "large-v3-turbo"


class TestThisMachine:
    def test_has_cores_and_memory(self) -> None:
        machine = this_machine()
        assert machine.cores >= 1
        assert machine.memory_bytes > 100 << 20
