"""Which Whisper model suits a machine."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_GIB = 1 << 30
_CGROUP_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What counts for speech recognition: usable cores, memory, graphics cards."""

    cores: int
    memory_bytes: int
    gpus: int = 0


@lru_cache(maxsize=1)
def this_machine() -> Machine:
    """The machine we run on, as far as this process may use it."""
    import ctranslate2

    return Machine(usable_cores(), _memory_bytes(), ctranslate2.get_cuda_device_count())


def usable_cores() -> int:
    """Cores this process may use: fewer than the machine has where it is pinned."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def choose_model(machine: Machine, language: str | None) -> str:
    """The largest model that keeps up with the speech on `machine`.

    Small models know English better in their English-only form.
    """
    size = _size(machine)
    return f"{size}.en" if language == "en" and size in ("tiny", "base", "small") else size


def _size(machine: Machine) -> str:
    if machine.gpus:
        return "large-v3-turbo"
    if machine.memory_bytes < 2 * _GIB:
        return "tiny"
    if machine.cores >= 12 and machine.memory_bytes >= 8 * _GIB:
        return "large-v3-turbo"
    if machine.cores >= 4 and machine.memory_bytes >= 4 * _GIB:
        return "small"
    return "base"


def _memory_bytes() -> int:
    sizes = [8 * _GIB]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        sizes = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for limit in _CGROUP_LIMITS:
        if limit.exists() and limit.read_text().strip().isdigit():
            sizes.append(int(limit.read_text()))
    return min(sizes)
