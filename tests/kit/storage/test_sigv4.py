"""Presigned addresses, against Amazon's own example and botocore."""

from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from goviral.kit.storage import sigv4

KEYS = sigv4.Credentials(
    "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1"
)
AT = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_documented_example_comes_out() -> None:
    """AWS, "Authenticating Requests: Using Query Parameters"."""
    url = sigv4.presign(
        KEYS, "GET", "https://examplebucket.s3.amazonaws.com", "/test.txt", {}, at=AT, ttl_s=86400
    )
    assert url.endswith(
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/bucket/videos/vid_1/source.mp4", {"partNumber": "3", "uploadId": "a+b/c=="}),
        ("/bucket/a b/ü(1)~*'!.mp4", {"response-content-disposition": 'attachment; filename="ä"'}),
        ("/bucket/k", {"uploads": ""}),
    ],
)
def test_botocore_signs_the_same(
    method: str, path: str, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = sigv4.presign(KEYS, method, "http://127.0.0.1:9000", path, query, at=AT, ttl_s=60)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: AT.replace(tzinfo=None))
    request = AWSRequest(method, "http://127.0.0.1:9000" + path.replace("ü", "ü"), params=query)
    from urllib.parse import quote

    request.url = "http://127.0.0.1:9000" + quote(path, safe="/-_.~")
    S3SigV4QueryAuth(
        BotoCredentials(KEYS.key_id, KEYS.secret), "s3", "us-east-1", expires=60
    ).add_auth(request)
    assert ours.rsplit("=", 1)[1] == request.url.rsplit("=", 1)[1]
