"""Links to files of the local store that nobody can make or alter without the secret. Pure.

Signed are key, method, expiry and the name to save under; the order of the query does not matter.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from goviral.kit.errors import ForbiddenError
from goviral.kit.signatures import is_signed, sign

STATIC = "/static/"


class LinkError(ForbiddenError):
    """A link that was altered, was never ours, or is over."""

    code = "bad_link"


def not_ours() -> LinkError:
    """The error for a link that we never made."""
    return LinkError("This link is not valid.", remedy="Ask for a new one.")


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed link allows: `method` on `key` until `expires_at` (Unix seconds)."""

    key: str
    method: str
    expires_at: int
    filename: str = ""

    def path(self, secret: str) -> str:
        """The address below the service's own."""
        query = {"expires": str(self.expires_at), "signature": sign(self._signed(), secret)}
        if self.method != "GET":
            query["method"] = self.method
        if self.filename:
            query["filename"] = self.filename
        return f"{STATIC}{quote(self.key)}?{urlencode(query)}"

    def check(self, signature: str, secret: str, *, now_s: float) -> None:
        """Raises `LinkError`."""
        if not is_signed(self._signed(), signature, secret):
            raise not_ours()
        if now_s >= self.expires_at:
            raise LinkError("This link has expired.", remedy="Ask for a new one.")

    def _signed(self) -> bytes:
        return "\n".join((self.method, str(self.expires_at), self.filename, self.key)).encode()


def attachment(filename: str) -> str:
    """A `Content-Disposition` that saves under `filename`, whatever letters it has (RFC 6266)."""
    plain = "".join(
        c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in filename
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
