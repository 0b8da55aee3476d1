import sys
from pathlib import Path

import pytest

from goviral.kit.memory import give_back


def held_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can give back")
def test_freed_memory_goes_back_to_the_system():
    blocks = [bytes(50_000) for _ in range(4_000)]
    keep = blocks[::400]
    del blocks
    before_mb = held_mb()
    give_back()
    assert held_mb() < before_mb - 50
    assert len(keep) == 10


def test_asking_again_is_harmless():
    give_back()
    give_back()
