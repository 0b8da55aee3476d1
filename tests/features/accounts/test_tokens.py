"""Forged, altered, swapped and stale access tokens are refused, each in the same words."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from goviral.features.accounts.tokens import Access, TokenSigner
from goviral.kit.crypto import derived_key
from goviral.kit.errors import UnauthenticatedError

SECRET = "a secret of more than thirty-two characters"
KEY = derived_key(SECRET, "access-token")
NOW = datetime(2026, 11, 2, 12, 0, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
SIGNER = TokenSigner(SECRET)
GOOD: dict[str, Any] = {
    "iss": "goviral",
    "aud": "goviral-api",
    "sub": "usr_1",
    "sid": "ses_1",
    "ver": 0,
    "scope": "videos:read",
    "jti": "x",
    "iat": NOW_S,
    "nbf": NOW_S,
    "exp": NOW_S + 900,
}


def b64(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def made(
    header: dict[str, Any] | None = None,
    key: bytes = KEY,
    without: str = "",
    **claims: Any,
) -> str:
    """A token with a true signature by `key`, whatever it says."""
    head = {"alg": "HS256", "typ": "at+jwt", **(header or {})}
    body = {name: value for name, value in {**GOOD, **claims}.items() if name != without}
    text = f"{b64(head)}.{b64(body)}"
    return f"{text}.{b64(hmac.digest(key, text.encode(), 'sha256'))}"


def by_rsa(**header: Any) -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    headers = {"typ": "at+jwt", **header}
    return jwt.encode(GOOD, private, algorithm="RS256", headers=headers)


def public_key_as_secret() -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made(key=pem)


def flipped(part: int) -> str:
    parts = made().split(".")
    first = parts[part][5]
    parts[part] = parts[part][:5] + ("A" if first != "A" else "B") + parts[part][6:]
    return ".".join(parts)


def swapped_body() -> str:
    head, _, signature = made().split(".")
    return f"{head}.{b64({**GOOD, 'sub': 'usr_admin', 'scope': 'admin'})}.{signature}"


def with_hash(name: str) -> str:
    text = f"{b64({'alg': name.upper(), 'typ': 'at+jwt'})}.{b64(GOOD)}"
    sha = {"hs384": hashlib.sha384, "hs512": hashlib.sha512}[name]
    return f"{text}.{b64(hmac.new(KEY, text.encode(), sha).digest())}"


def unsigned(algorithm: str, signature: str = "") -> str:
    return f"{b64({'alg': algorithm, 'typ': 'at+jwt'})}.{b64(GOOD)}.{signature}"


ATTACKS: dict[str, Callable[[], str]] = {
    "no algorithm": lambda: unsigned("none"),
    "no algorithm, other letters": lambda: unsigned("NoNe"),
    "no algorithm, a signature all the same": lambda: unsigned("none", b64(b"x" * 32)),
    "an empty algorithm": lambda: unsigned(""),
    "the signature left out": lambda: made().rpartition(".")[0] + ".",
    "the signature of another body": swapped_body,
    "a bit of the header changed": lambda: flipped(0),
    "a bit of the body changed": lambda: flipped(1),
    "a bit of the signature changed": lambda: flipped(2),
    "signed by somebody else": lambda: made(key=b"k" * 32),
    "signed with the empty key": lambda: made(key=b""),
    "signed with the secret itself": lambda: made(key=SECRET.encode()),
    "signed with the key of another purpose": lambda: made(key=derived_key(SECRET, "seal")),
    "a longer hash": lambda: with_hash("hs384"),
    "the longest hash": lambda: with_hash("hs512"),
    "an RSA signature": by_rsa,
    "a public key taken for the secret": public_key_as_secret,
    "its own key in the header": lambda: made(
        {"jwk": {"kty": "oct", "k": b64(b"k" * 32)}}, key=b"k" * 32
    ),
    "a key to be fetched": lambda: made({"jku": "https://evil.example/keys"}, key=b"k" * 32),
    "a certificate to be fetched": lambda: made({"x5u": "https://evil.example/c"}, key=b"k" * 32),
    "a key id that is a path": lambda: made({"kid": "../../dev/null"}, key=b""),
    "a key id that is a query": lambda: made({"kid": "x' union select 'k"}, key=b"k"),
    "an extension we must understand": lambda: made({"crit": ["exp2"], "exp2": 1}),
    "a refresh token's type": lambda: made({"typ": "rt+jwt"}),
    "the plain type": lambda: made({"typ": "JWT"}),
    "no type": lambda: made({"typ": None}),
    "expired, beyond the leeway": lambda: made(exp=NOW_S - 31),
    "not valid yet": lambda: made(nbf=NOW_S + 60),
    "issued in the future": lambda: made(iat=NOW_S + 60),
    "no expiry": lambda: made(without="exp"),
    "an expiry that is text": lambda: made(exp=str(NOW_S + 900)),
    "an endless expiry": lambda: made(exp=float("inf")),
    "an expiry that is true": lambda: made(exp=True),
    "another issuer": lambda: made(iss="evil"),
    "no issuer": lambda: made(without="iss"),
    "another audience": lambda: made(aud="another-api"),
    "our audience among others": lambda: made(aud=["goviral-api", "evil"]),
    "no audience": lambda: made(without="aud"),
    "no user": lambda: made(without="sub"),
    "a user that is a list": lambda: made(sub=["usr_1"]),
    "no session": lambda: made(without="sid"),
    "no version": lambda: made(without="ver"),
    "a version that is true": lambda: made(ver=True),
    "scopes that are a list": lambda: made(scope=["admin"]),
    "four parts": lambda: made() + ".x",
    "two parts": lambda: made().rpartition(".")[0],
    "encrypted form": lambda: "a.b.c.d.e",
    "nothing between the dots": lambda: "..",
    "a body that is a list": lambda: f"{b64({'alg': 'HS256', 'typ': 'at+jwt'})}.{b64([1])}.x",
    "no base64": lambda: "%%%.%%%.%%%",
    "megabytes": lambda: made(sub="x" * 10_000),
    "letters that are none": lambda: made() + "é",
}


class TestAttacks:
    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
    def test_is_refused(self, attack: Callable[[], str]) -> None:
        with pytest.raises(UnauthenticatedError, match="not accepted"):
            SIGNER.read(attack(), NOW)

    def test_there_are_enough(self) -> None:
        assert len(ATTACKS) >= 25

    def test_the_tool_that_makes_them_makes_good_ones_too(self) -> None:
        assert SIGNER.read(made(), NOW).user_id == "usr_1"


class TestSigner:
    def test_what_was_signed_is_read(self) -> None:
        access = Access("usr_1", "ses_1", 3, frozenset({"a", "b"}), NOW + timedelta(minutes=15))
        assert SIGNER.read(SIGNER.sign(access, NOW), NOW) == access

    def test_clocks_may_differ_by_half_a_minute(self) -> None:
        assert SIGNER.read(made(exp=NOW_S - 29), NOW)
        assert SIGNER.read(made(nbf=NOW_S + 29, iat=NOW_S + 29), NOW)

    def test_another_secret_reads_nothing(self) -> None:
        with pytest.raises(UnauthenticatedError):
            TokenSigner("another secret of more than thirty-two").read(made(), NOW)

    def test_the_secret_of_before_is_read_while_it_is_named(self) -> None:
        changed = TokenSigner("another secret of more than thirty-two", SECRET)
        assert changed.read(made(), NOW).user_id == SIGNER.read(made(), NOW).user_id
        with pytest.raises(UnauthenticatedError):
            changed.read(made(exp=NOW_S - 31), NOW)

    def test_nothing_is_signed_with_the_secret_of_before(self) -> None:
        access = Access("usr_1", "ses_1", 3, frozenset({"a"}), NOW + timedelta(minutes=15))
        changed = TokenSigner("another secret of more than thirty-two", SECRET)
        with pytest.raises(UnauthenticatedError):
            SIGNER.read(changed.sign(access, NOW), NOW)
