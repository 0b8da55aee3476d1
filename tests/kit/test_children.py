"""Programs that stay: started again when they die, ended by rank."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from goviral.kit.children import Program, Supervisor
from goviral.kit.retry import Backoff

STAYS = """
import signal, sys, time
def stop(*_):
    open(sys.argv[2], "a").write(sys.argv[1] + "\\n"); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("begun", flush=True)
while True: time.sleep(0.01)
"""


def program(name: str, code: str, *words: str, rank: int = 0) -> Program:
    return Program(name, (sys.executable, "-c", code, *words), rank=rank)


@contextmanager
def supervised(supervisor: Supervisor) -> Iterator[threading.Event]:
    stopping = threading.Event()
    thread = threading.Thread(target=supervisor.run, args=(stopping,))
    thread.start()
    try:
        yield stopping
    finally:
        stopping.set()
        thread.join(100)
        assert not thread.is_alive()


def until(true: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


def test_children_are_told_to_stop_by_rank(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ranks = {"last": 2, "first": 0, "second": 1}
    said: list[tuple[str, str]] = []
    programs = [program(n, STAYS, n, str(log), rank=r) for n, r in ranks.items()]
    with supervised(Supervisor(programs, lambda name, line: said.append((name, line)))):
        until(lambda: len(said) == 3)
    assert log.read_text().split() == ["first", "second", "last"]
    assert set(said) == {(name, "begun") for name in ranks}


def test_one_that_dies_is_started_again_later_and_later() -> None:
    waits: list[float] = []
    supervisor = Supervisor(
        [program("dies", "import sys; sys.exit(3)")],
        lambda _name, _line: None,
        again=Backoff(attempts=100, base_s=0.02, factor=2, max_delay_s=0.1),
        on_death=lambda _name, code, wait_s: waits.append(wait_s) if code == 3 else None,
    )
    with supervised(supervisor):
        until(lambda: len(waits) >= 4)
    assert waits[:4] == [0.02, 0.04, 0.08, 0.1]


def test_one_that_does_not_listen_is_killed() -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(300)"
    said: list[str] = []
    supervisor = Supervisor(
        [program("deaf", deaf)], lambda _name, line: said.append(line), stop_s=0.2
    )
    began_s = time.monotonic()
    with supervised(supervisor):
        until(lambda: said == ["up"])
    assert time.monotonic() - began_s < 200
    assert supervisor.pids() == {}
