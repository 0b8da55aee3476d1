"""Uploads of S3 that the client sends part by part, past us: only the small calls around them are ours."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol
from xml.sax.saxutils import escape

import httpx2

from goviral.kit.errors import InputError
from goviral.kit.http import trusted_client
from goviral.kit.storage.store import (
    BINARY,
    DirectKind,
    DirectUpload,
    StorageError,
    Stored,
    UploadPart,
)

_PART_BYTES = 16 << 20
_MAX_PARTS = 10_000
_CALL_TTL_S = 300
_TIMEOUT_S = 60.0


class Presigned(Protocol):
    """Makes a signed address of a call on a key."""

    def __call__(self, method: str, key: str, query: dict[str, str], ttl_s: int) -> str: ...


class S3Parts:
    """Multipart uploads whose parts the client sends by itself."""

    kind: DirectKind = "parts"

    def __init__(self, presigned: Presigned, stat: Callable[[str], Stored | None]) -> None:
        self._presigned = presigned
        self._stat = stat

    def layout(self, size: int) -> tuple[int, int]:
        part_size = max(_PART_BYTES, -(-size // _MAX_PARTS))
        return part_size, max(1, -(-size // part_size))

    def begin(self, key: str, size: int, content_type: str) -> DirectUpload:
        url = self._presigned("POST", key, {"uploads": ""}, _CALL_TTL_S)
        answer = _call("POST", url, b"", content_type)
        return DirectUpload("parts", _text(answer, "UploadId"), *self.layout(size))

    def part_urls(self, key: str, reference: str, numbers: Iterable[int], ttl_s: int) -> list[str]:
        return [
            self._presigned("PUT", key, {"partNumber": str(number), "uploadId": reference}, ttl_s)
            for number in numbers
        ]

    def complete(self, key: str, reference: str, parts: Sequence[UploadPart]) -> Stored:
        body = "".join(
            f"<Part><PartNumber>{part.number}</PartNumber><ETag>{escape(part.etag)}</ETag></Part>"
            for part in sorted(parts, key=lambda part: part.number)
        )
        body = f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>"
        url = self._presigned("POST", key, {"uploadId": reference}, _CALL_TTL_S)
        answer = _call("POST", url, body.encode(), "application/xml")
        # S3 answers 200 and then an error in the body where joining the parts fails late.
        if b"<Error>" in answer:
            raise StorageError("The bucket could not join the parts of the upload.")
        stored = self._stat(key)
        if stored is None:
            raise StorageError(f"{key} was joined and is not there.")
        return stored

    def abort(self, key: str, reference: str) -> None:
        url = self._presigned("DELETE", key, {"uploadId": reference}, _CALL_TTL_S)
        _call("DELETE", url, b"", BINARY, missing_is_fine=True)


def _call(
    method: str, url: str, body: bytes, content_type: str, *, missing_is_fine: bool = False
) -> bytes:
    """One small call of the S3 API. The endpoint is the operator's: no guard on its address."""
    try:
        with trusted_client(_TIMEOUT_S) as client:
            answer = client.request(
                method, url, content=body, headers={"Content-Type": content_type}
            )
    except httpx2.HTTPError as error:
        raise StorageError("The bucket could not be reached.") from error
    if answer.status_code < 300 or (missing_is_fine and answer.status_code == 404):
        return answer.content
    if 400 <= answer.status_code < 500:
        raise InputError(
            f"The bucket refused the upload: {_code(answer.content)}.",
            remedy="Send the parts it lacks, or begin again.",
        )
    raise StorageError(f"The bucket answered {answer.status_code}.")


def _text(answer: bytes, tag: str) -> str:
    # The answer of the operator's own bucket, signed for: no stranger's XML.
    for element in ElementTree.fromstring(answer).iter():  # noqa: S314
        if element.tag.rpartition("}")[2] == tag and element.text:
            return element.text
    raise StorageError(f"The bucket's answer has no {tag}.")


def _code(answer: bytes) -> str:
    try:
        return _text(answer, "Code")
    except (ElementTree.ParseError, StorageError):
        return "no reason given"
