import pytest

from goviral.kit.signatures import is_signed, sign

# RFC 4231, test case 2.
BODY, SECRET = b"what do ya want for nothing?", "Jefe"
HEX = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_the_signature_is_the_one_of_the_standard() -> None:
    assert sign(BODY, SECRET) == HEX


def test_a_signature_is_known_again() -> None:
    assert is_signed(BODY, HEX, SECRET)
    assert is_signed(BODY, f" {HEX.upper()} ", SECRET)


@pytest.mark.parametrize("bit", range(0, len(BODY) * 8, 7))
def test_one_changed_bit_is_noticed(bit: int) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    assert not is_signed(bytes(changed), HEX, SECRET)


@pytest.mark.parametrize("signature", ["", "x", HEX[:-1], HEX + "0", "é" * 64])
def test_what_is_no_signature_is_refused(signature: str) -> None:
    assert not is_signed(BODY, signature, SECRET)


def test_another_secret_does_not_fit() -> None:
    assert not is_signed(BODY, HEX, "jefe")
