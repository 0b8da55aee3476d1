"""Presigned S3 addresses (AWS Signature Version 4, query form). Pure.

Ours, because obstore signs no query parameters, and parts of an upload and the name a download is
saved under are query parameters.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key for one region."""

    key_id: str
    secret: str
    region: str


def presign(
    credentials: Credentials,
    method: str,
    base_url: str,
    path: str,
    query: Mapping[str, str],
    *,
    at: datetime,
    ttl_s: int,
) -> str:
    """`base_url` + `path` with a signature that holds from `at` (UTC) for `ttl_s` seconds.

    `path` is not yet percent-encoded. Only the host header is signed, so a client may send any type.
    """
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    scope = f"{day}/{credentials.region}/s3/aws4_request"
    signed = {
        **query,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{credentials.key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(ttl_s),
        "X-Amz-SignedHeaders": "host",
    }
    encoded = "&".join(sorted(f"{_quoted(k)}={_quoted(v)}" for k, v in signed.items()))
    host = base_url.split("://", 1)[1].rstrip("/")
    where = quote(path, safe="/-_.~")
    request = "\n".join((method, where, encoded, f"host:{host}", "", "host", "UNSIGNED-PAYLOAD"))
    text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = hmac.new(_signing_key(credentials, day), text.encode(), hashlib.sha256).hexdigest()
    return f"{base_url.rstrip('/')}{where}?{encoded}&X-Amz-Signature={signature}"


def _signing_key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _quoted(text: str) -> str:
    return quote(text, safe="-_.~")
