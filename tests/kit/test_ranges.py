"""Byte ranges of HTTP."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.ranges import ByteRange, RangeNotSatisfiableError, parse_range


@pytest.mark.parametrize(
    ("header", "start", "end"),
    [
        ("bytes=0-", 0, 100),
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=90-1000", 90, 100),
        ("bytes=-1", 99, 100),
        ("bytes=-1000", 0, 100),
        ("BYTES=5-6", 5, 7),
        (" bytes=99-99 ", 99, 100),
    ],
)
def test_a_range_names_bytes(header: str, start: int, end: int) -> None:
    assert parse_range(header, 100) == ByteRange(start, end)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=-",
        "bytes=a-b",
        "items=0-1",
        "bytes=0-1,3-4",
        "bytes=5-4",
        "bytes=--1",
    ],
)
def test_what_is_no_single_range_means_all_of_it(header: str | None) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=0-", 0), ("bytes=-0", 5)]
)
def test_a_range_beyond_the_end_is_refused(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        parse_range(header, size)


@given(size=st.integers(1, 10**10), first=st.integers(0, 10**10), length=st.integers(1, 10**10))
def test_what_is_found_lies_inside_and_is_what_was_asked(
    size: int, first: int, length: int
) -> None:
    header = f"bytes={first}-{first + length - 1}"
    if first >= size:
        with pytest.raises(RangeNotSatisfiableError):
            parse_range(header, size)
        return
    found = parse_range(header, size)
    assert found is not None
    assert found.start == first
    assert found.length == min(length, size - first)
    assert found.content_range(size) == f"bytes {first}-{found.end - 1}/{size}"


@given(st.text(max_size=40), st.integers(1, 1000))
def test_no_header_breaks_it(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except RangeNotSatisfiableError:
        return
    assert found is None or 0 <= found.start < found.end <= size
