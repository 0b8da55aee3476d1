import threading

from goviral.engine.moments.fanout import side_by_side


def test_results_come_with_their_items() -> None:
    done = dict(side_by_side([1, 2, 3], lambda item: item * 10, 2, threading.Event()))
    assert done == {1: 10, 2: 20, 3: 30}


def test_nothing_to_do_is_done() -> None:
    assert list(side_by_side([], lambda item: item, 4, threading.Event())) == []


def test_as_many_run_at_once_as_allowed_and_no_more() -> None:
    lock, running, most = threading.Lock(), 0, 0
    three = threading.Barrier(3)

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        three.wait(60)
        with lock:
            running -= 1

    done = list(side_by_side(range(12), work, 3, threading.Event()))
    assert [result for _, result in done] == [None] * 12
    assert most == 3


def test_leaving_after_a_failure_cancels_the_rest_and_waits_for_none() -> None:
    begun: list[int] = []
    ended: list[int] = []
    stop, over = threading.Event(), threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise ValueError("first")
        over.wait(120)
        ended.append(item)

    for item, result in side_by_side(range(50), work, 2, stop):
        assert item == 0
        assert isinstance(result, ValueError)
        break
    assert stop.is_set()
    assert ended == []
    over.set()
    assert len(begun) <= 3
