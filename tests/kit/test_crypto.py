"""Passwords and keys."""

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goviral.kit.crypto import (
    ALPHABET,
    Passwords,
    derived_key,
    digest,
    new_key,
    new_secret,
    public_id_of,
)

CHEAP = Passwords(memory_kib=64, passes=1)


class TestPasswords:
    def test_only_the_password_opens(self) -> None:
        kept = CHEAP.hash("correct horse battery")
        assert CHEAP.check("correct horse battery", kept)
        assert not CHEAP.check("correct horse batterx", kept)
        assert "correct" not in kept

    def test_the_same_password_is_kept_differently_each_time(self) -> None:
        assert CHEAP.hash("x" * 12) != CHEAP.hash("x" * 12)

    def test_nobody_has_no_password(self) -> None:
        assert not CHEAP.check("anything", None)

    def test_a_broken_hash_opens_for_nobody(self) -> None:
        assert not CHEAP.check("anything", "not a hash")

    def test_weaker_parameters_are_noticed(self) -> None:
        assert Passwords(memory_kib=128, passes=1).is_outdated(CHEAP.hash("x"))
        assert not CHEAP.is_outdated(CHEAP.hash("x"))

    def test_the_default_is_argon2id_above_what_owasp_asks(self) -> None:
        kept = Passwords().hash("x")
        assert kept.startswith("$argon2id$v=19$m=47104,t=2,p=1$")

    def test_who_asks_for_nobody_waits_as_long(self) -> None:
        passwords = Passwords(memory_kib=8192, passes=2)
        kept = passwords.hash("right")
        passwords.check("warm", None)
        took_s: dict[str | None, list[float]] = {None: [], kept: []}
        for _ in range(25):  # in turn: what else the machine does slows both down
            for hashed, times in took_s.items():
                start = time.thread_time()
                passwords.check("wrong", hashed)
                times.append(time.thread_time() - start)
        assert min(took_s[None]) == pytest.approx(min(took_s[kept]), rel=0.3)

    def test_no_more_hashes_run_at_a_time_than_allowed(self) -> None:
        for allowed in (1, 2):
            passwords = Passwords(concurrent=allowed)
            passwords._hasher = slow = Slow()  # type: ignore[assignment]
            threads = [threading.Thread(target=passwords.hash, args=("x",)) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert slow.most_at_once == allowed


class Slow:
    """A hasher that counts how many calls it works on."""

    def __init__(self) -> None:
        self.most_at_once = 0
        self._at_once = 0
        self._counting = threading.Lock()

    def hash(self, password: str) -> str:
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        time.sleep(0.1)
        with self._counting:
            self._at_once -= 1
        return password


class TestKeys:
    def test_a_key_names_itself(self) -> None:
        key, public_id = new_key("gvn")
        assert public_id_of(key, "gvn") == public_id
        assert len(public_id) == 8
        assert len(key) == len("gvn_") + 8 + 32 + 6

    def test_a_key_of_another_kind_is_none(self) -> None:
        key, _ = new_key("gvs")
        assert public_id_of(key, "gvn") is None

    @given(st.integers(4, 49), st.sampled_from(ALPHABET))
    def test_a_typo_is_seen_without_the_database(self, at: int, letter: str) -> None:
        key = "gvn_AAAAAAAABBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
        whole = key + _check(key)
        other = whole[:at] + letter + whole[at + 1 :]
        assert public_id_of(whole, "gvn") == "AAAAAAAA"
        assert (public_id_of(other, "gvn") is None) == (other != whole)

    @given(st.text(max_size=60))
    def test_any_text_is_judged(self, text: str) -> None:
        assert public_id_of(text, "gvn") is None

    def test_secrets_have_190_bits(self) -> None:
        secrets = {new_secret() for _ in range(1000)}
        assert len(secrets) == 1000
        assert len(next(iter(secrets))) == 32

    def test_what_is_kept_is_a_hash(self) -> None:
        assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestDerivedKeys:
    def test_each_purpose_has_its_own_key(self) -> None:
        assert derived_key("s" * 32, "seal") != derived_key("s" * 32, "access-token")


def _check(body: str) -> str:
    import zlib

    value, letters = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, remainder = divmod(value, 62)
        letters = ALPHABET[remainder] + letters
    return letters
