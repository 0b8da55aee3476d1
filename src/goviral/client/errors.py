"""What the client raises: `ApiError` where the service said no, `RemoteError` where nobody answered."""

from collections.abc import Mapping
from typing import Any

from goviral.kit.errors import AppError, RemoteError


class ApiError(RemoteError):
    """The service refused. `status` is HTTP's, `code` its own word, `request_id` finds it in its logs."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        request_id: str = "",
        details: Any = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code  # type: ignore[misc]  # the service's, not ours
        self.request_id = request_id
        self.details = details
        self.retry_after_s = retry_after_s


class UploadRefusedError(ApiError):
    """What was uploaded is not taken; `code` says why (not_media, media_limits, infected, …)."""


class RunFailedError(AppError):
    """A pipeline run ended without success."""

    code = "run_failed"

    def __init__(self, message: str, run_code: str = "") -> None:
        super().__init__(message)
        self.run_code = run_code


class StillWaitingError(AppError):
    """It did not happen in time; it may yet."""

    code = "still_waiting"
    retryable = True


def error_of(status: int, body: Any, headers: Mapping[str, str]) -> ApiError:
    """The error an answer stands for, whatever a proxy made of it."""
    said = body.get("error") if isinstance(body, dict) else None
    said = said if isinstance(said, dict) else {}
    after = headers.get("retry-after", "")
    return ApiError(
        status,
        str(said.get("code") or "http_error"),
        str(said.get("message") or f"The service answered {status}."),
        request_id=headers.get("x-request-id", ""),
        details=said.get("details"),
        retry_after_s=float(after) if after.isdecimal() else None,
    )
