"""Keys never appear in errors, logs or results. Pure."""

import re
from collections.abc import Iterable

MASK = "[redacted]"
_PATTERNS = (
    re.compile(r"\b(?:sk|pk|rk|key|gsk|xai)-[A-Za-z0-9_*-]{6,}"),
    re.compile(r"(?i)\bbearer\s+[^\s\"',;]+"),
    re.compile(r"(?i)(api[-_ ]?key[\"']?\s*[:=]\s*[\"']?)[^\s\"',;]+"),
)


def redact(text: str, secrets: Iterable[str | None] = ()) -> str:
    """`text` without `secrets` and without what looks like a key or a bearer token."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    text = _PATTERNS[0].sub(MASK, text)
    text = _PATTERNS[1].sub(f"Bearer {MASK}", text)
    return _PATTERNS[2].sub(rf"\1{MASK}", text)
