"""Files to the service by tus: in pieces, going on where the line broke."""

import base64
import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from goviral.client.connection import Connection
from goviral.client.errors import ApiError, StillWaitingError, UploadRefusedError
from goviral.client.values import Upload
from goviral.kit.errors import RemoteError

OnSent = Callable[[int, int], None]
"""Called with bytes sent and bytes in all."""

_TUS = {"tus-resumable": "1.0.0"}
_PIECE_BYTES = 8 * 1024 * 1024
_LOOK_S = 0.5


def _silent(_sent: int, _size: int) -> None:
    return None


class Uploads:
    """`client.uploads`."""

    def __init__(self, connection: Connection, *, piece_bytes: int = _PIECE_BYTES) -> None:
        self._connection = connection
        self._piece_bytes = piece_bytes

    def send(self, path: Path, *, on_sent: OnSent = _silent, wait_s: float = 600) -> Upload:
        """Send a file and wait until it was looked at; the upload a video can be made of.

        Nothing is sent where the same bytes are there already. Raises `UploadRefusedError`.
        """
        begun = self.begin(path)
        return self.resume(begun.id, path, on_sent=on_sent, wait_s=wait_s)

    def begin(self, path: Path) -> Upload:
        """Announce a file: its upload, without a byte sent."""
        said = {"filename": path.name, "sha256": _sha256(path)}
        metadata = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())
        headers = {
            **_TUS,
            "upload-length": str(path.stat().st_size),
            "upload-metadata": metadata,
        }
        answer = self._connection.send("POST", "api/v1/uploads/tus", headers=headers)
        return self.get(answer.headers["location"].rsplit("/", 1)[1])

    def resume(
        self, upload_id: str, path: Path, *, on_sent: OnSent = _silent, wait_s: float = 600
    ) -> Upload:
        """Go on with an upload that broke off, in this process or another."""
        upload = self.get(upload_id)
        if upload.state == "receiving":
            self._send_from(upload, path, on_sent)
        return self._settled(upload_id, wait_s)

    def get(self, upload_id: str) -> Upload:
        """How far an upload is."""
        return self._connection.get(Upload, f"api/v1/uploads/{upload_id}")

    def delete(self, upload_id: str) -> None:
        """Give it up."""
        self._connection.delete(f"api/v1/uploads/{upload_id}")

    def _send_from(self, upload: Upload, path: Path, on_sent: OnSent) -> None:
        size, offset, failures = upload.size_bytes, self._offset(upload.id), 0
        with path.open("rb") as film:
            while offset < size:
                film.seek(offset)
                try:
                    offset, failures = (
                        self._append(upload.id, offset, film.read(self._piece_bytes)),
                        0,
                    )
                except ApiError as error:
                    # Somebody sends it too, or what we knew is old: ask where to go on.
                    if error.status != 409:
                        raise
                    failures += 1
                    self._connection.pause(failures, RemoteError(str(error)))
                    offset = self._offset(upload.id)
                on_sent(offset, size)

    def _append(self, upload_id: str, offset: int, piece: bytes) -> int:
        headers = {
            **_TUS,
            "upload-offset": str(offset),
            "content-type": "application/offset+octet-stream",
        }
        address = f"api/v1/uploads/tus/{upload_id}"
        answer = self._connection.send("PATCH", address, content=piece, headers=headers)
        return int(answer.headers["upload-offset"])

    def _offset(self, upload_id: str) -> int:
        answer = self._connection.send("HEAD", f"api/v1/uploads/tus/{upload_id}", headers=_TUS)
        return int(answer.headers["upload-offset"])

    def _settled(self, upload_id: str, wait_s: float) -> Upload:
        until_s = time.monotonic() + wait_s
        while True:
            upload = self.get(upload_id)
            if upload.state in ("ready", "duplicate"):
                return upload
            if upload.state in ("refused", "expired"):
                why = upload.error_message or f"The upload is {upload.state}."
                raise UploadRefusedError(422, upload.error_code or upload.state, why)
            if time.monotonic() > until_s:
                raise StillWaitingError(f"The upload {upload_id} is still {upload.state}.")
            time.sleep(_LOOK_S)


def _sha256(path: Path) -> str:
    with path.open("rb") as film:
        return hashlib.file_digest(film, "sha256").hexdigest()
