"""A tus client as small as can be, and marks for tests of uploads."""

import base64
import hashlib
from typing import Any

import pytest

TUS = {"Tus-Resumable": "1.0.0"}
TYPE = "application/offset+octet-stream"
on_a_folder = pytest.mark.parametrize("services", ["local"], indirect=True)
on_every_store = pytest.mark.parametrize("services", ["local", "s3", "gcs"], indirect=True)


def create(api: Any, size: int, **metadata: str) -> str:
    """The address of a new upload."""
    answer = api.post(
        "/api/v1/uploads/tus",
        headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": encode(metadata)},
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def encode(metadata: dict[str, str]) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in metadata.items())


def patch(api: Any, address: str, offset: int, content: bytes, **headers: str) -> Any:
    """Send bytes."""
    said = {**TUS, "Upload-Offset": str(offset), "Content-Type": TYPE, **headers}
    return api.patch(address, headers=said, content=content)


def offset_of(api: Any, address: str) -> int:
    answer = api.head(address, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


def upload(api: Any, content: bytes, **metadata: str) -> str:
    """Send all of it at once; the upload's id."""
    address = create(api, len(content), **metadata)
    assert patch(api, address, 0, content).status_code == 204
    return address.rsplit("/", 1)[1]


def sum_of(algorithm: str, content: bytes) -> str:
    """A value for `Upload-Checksum`."""
    digest = hashlib.new(algorithm, content).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"
