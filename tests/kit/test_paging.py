"""Cursors."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.errors import InputError
from goviral.kit.paging import decode_cursor, encode_cursor


@given(st.text(max_size=80).filter(lambda text: text.isprintable()))
def test_a_cursor_comes_back_as_the_id_it_was_made_of(row_id: str) -> None:
    cursor = encode_cursor(row_id)
    assert cursor.isascii()
    assert "=" not in cursor
    assert decode_cursor(cursor) == row_id


@given(st.text(max_size=40))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(InputError):
        assert isinstance(decode_cursor(text), str)


@pytest.mark.parametrize("text", ["é", "a", "!!!!", "_w"])
def test_text_that_is_none_of_ours_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        decode_cursor(text)
