import uuid
from datetime import timedelta

from goviral.kit.clock import utc_now
from goviral.kit.ids import new_id


def test_now_carries_its_zone() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_ids_are_version_seven_and_sort_by_time() -> None:
    import time

    first = new_id()
    time.sleep(0.002)
    second = new_id()
    assert uuid.UUID(first).version == 7
    assert uuid.UUID(first).variant == uuid.RFC_4122
    assert first < second


def test_a_prefix_says_what_it_names() -> None:
    assert new_id("job").startswith("job_")
