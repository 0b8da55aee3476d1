import threading
import time

from goviral.engine.moments.fanout import side_by_side


def test_results_come_with_their_items() -> None:
    done = dict(side_by_side([1, 2, 3], lambda item: item * 10, 2, threading.Event()))
    assert done == {1: 10, 2: 20, 3: 30}


def test_nothing_to_do_is_done() -> None:
    assert list(side_by_side([], lambda item: item, 4, threading.Event())) == []


def test_no_more_run_at_once_than_allowed() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    list(side_by_side(range(12), work, 3, threading.Event()))
    assert most == 3


def test_leaving_after_a_failure_cancels_the_rest() -> None:
    begun: list[int] = []
    stop = threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("first")
        stop.wait(5)

    started = time.monotonic()
    for item, result in side_by_side(range(50), work, 2, stop):
        assert item == 0
        assert isinstance(result, ValueError)
        break
    assert time.monotonic() - started < 3
    assert stop.wait(1)
    assert len(begun) < 10
