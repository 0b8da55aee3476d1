"""Work on many items side by side; the first failure stops what is outstanding."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(
    items: Sequence[Item],
    work: Callable[[Item], Result],
    concurrency: int,
    stop: threading.Event,
) -> Iterator[tuple[Item, Result | BaseException]]:
    """Each item with its result or the error its work raised, in the order of completion.

    Leaving the loop early (or an exception in it) sets `stop`, which `work` should heed, and cancels what
    has not begun; it does not wait for calls in flight.
    """
    pool = ThreadPoolExecutor(max(1, min(concurrency, len(items))), "moments")
    try:
        futures = {pool.submit(work, item): item for item in items}
        for future in as_completed(futures):
            error = future.exception()
            yield futures[future], future.result() if error is None else error
    finally:
        stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
