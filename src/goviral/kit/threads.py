"""Threads that libraries would start unasked."""

import os


def one_thread_for_sums() -> None:
    """Let OpenBLAS, which NumPy and OpenCV bring along, compute on the thread that asks.

    Before NumPy is imported: its threads start then, one a core, and spin while they wait. Our sums are small,
    and clips are encoded meanwhile. What the user has set stays.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251
