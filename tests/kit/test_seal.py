"""Sealed values: opened by their row and key alone, under several keys while they change."""

import base64
import secrets

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.crypto import derived_key
from goviral.kit.seal import Seal, SealError

OLD, NEW, THIRD = "o" * 32, "n" * 32, "t" * 32


def of_before(text: str, about: str, secret: str) -> str:
    """A value as it was sealed before keys had names."""
    nonce = secrets.token_bytes(12)
    cipher = AESGCM(derived_key(secret, "seal"))
    return base64.urlsafe_b64encode(
        nonce + cipher.encrypt(nonce, text.encode(), about.encode())
    ).decode()


@given(st.text(max_size=200), st.text(max_size=20))
def test_what_was_sealed_opens_for_its_row(text: str, about: str) -> None:
    seal = Seal(NEW)
    assert seal.open(seal.close(text, about), about) == text


def test_another_row_does_not_open_it() -> None:
    sealed = Seal(NEW).close("text", "row_1")
    with pytest.raises(SealError, match="changed, or moved"):
        Seal(NEW).open(sealed, "row_2")


def test_a_key_that_is_not_there_is_named_and_so_is_the_remedy() -> None:
    sealed = Seal(OLD).close("text", "row_1")
    with pytest.raises(SealError, match="GOVIRAL_SEALING_KEYS") as refused:
        Seal(NEW).open(sealed, "row_1")
    assert sealed.split(".")[1] in str(refused.value)


@given(st.integers(0, 50))
def test_a_changed_letter_is_noticed(at: int) -> None:
    seal = Seal(NEW)
    sealed = seal.close("some text", "row")
    changed = sealed[:at] + ("A" if sealed[at] != "A" else "B") + sealed[at + 1 :]
    with pytest.raises(SealError):
        seal.open(changed, "row")


def test_the_first_key_seals_and_all_of_them_open() -> None:
    both = Seal(NEW, OLD)
    assert both.open(Seal(OLD).close("text", "row"), "row") == "text"
    sealed = both.close("text", "row")
    assert Seal(NEW).open(sealed, "row") == "text"
    with pytest.raises(SealError):
        Seal(OLD).open(sealed, "row")


def test_what_the_first_key_sealed_is_the_newest() -> None:
    assert Seal(NEW, OLD).is_newest(Seal(NEW).close("text", "row"))
    assert not Seal(NEW, OLD).is_newest(Seal(OLD).close("text", "row"))
    assert not Seal(NEW).is_newest(of_before("text", "row", NEW))


def test_values_of_before_are_tried_with_every_key() -> None:
    sealed = of_before("text", "row", OLD)
    assert Seal(NEW, THIRD, OLD).open(sealed, "row") == "text"
    with pytest.raises(SealError, match="JWT_SECRET"):
        Seal(NEW, THIRD).open(sealed, "row")


def test_a_key_given_twice_is_one_key() -> None:
    assert Seal(NEW, NEW).open(Seal(NEW).close("text", "row"), "row") == "text"
