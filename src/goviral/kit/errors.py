"""The error tree: every failure says what went wrong, whether to retry, and what to do.

AppError
├── InputError            400  final       what the user gave cannot be used
│   ├── NotFoundError     404  final       there is nothing at that address
│   └── ForbiddenUrlError 403  final       an address we refuse to open
├── UnauthenticatedError  401  final       nobody we know: no, wrong or expired credentials
├── ForbiddenError        403  final       known, but not allowed (scope, role, revoked, spending cap)
├── ConflictError         409  final       it is already there, or busy with something else
├── GoneError             410  final       it was there and has expired or been deleted
├── RateLimitedError      429  retryable   too many calls; `retry_after_s` says when to come back
├── DependencyError       503  final       a program, model or key is missing on this machine
├── RemoteError           502  retryable   another service failed or could not be reached
├── ResourceError         507  final       no permission, out of memory
│   └── DiskFullError     507  retryable   there is no room; there may be some later
├── ProcessError          500  final       a child process failed
└── CancelledError        499  final       the user stopped the work
"""

from typing import ClassVar

from typing_extensions import override


class AppError(Exception):
    """Base of every error a user may see.

    `code` is stable and machine readable; `remedy` is one sentence that says what to do.
    """

    code: ClassVar[str] = "internal"
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    @override
    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    @override
    def __reduce__(self) -> tuple[object, ...]:
        """Survive pickling between worker processes, keyword argument included."""
        return (_rebuild, (type(self), self.message, self.remedy))


def _rebuild(kind: type[AppError], message: str, remedy: str) -> AppError:
    return kind(message, remedy=remedy)


class InputError(AppError):
    """What the user gave cannot be used; nothing was written."""

    code = "invalid_input"
    http_status = 400


class NotFoundError(InputError):
    """There is nothing at that path or address."""

    code = "not_found"
    http_status = 404


class ForbiddenUrlError(InputError):
    """An address we refuse to open: a private network, a scheme other than http(s)."""

    code = "forbidden_url"
    http_status = 403


class UnauthenticatedError(AppError):
    """No credentials, or ones we do not accept. Never says which part was wrong."""

    code = "unauthenticated"
    http_status = 401


class ForbiddenError(AppError):
    """A known caller who may not do this; subclasses name the reason by their `code`."""

    code = "forbidden"
    http_status = 403


class ConflictError(AppError):
    """It exists already, or another work holds it."""

    code = "conflict"
    http_status = 409


class GoneError(AppError):
    """It was there and is no more."""

    code = "gone"
    http_status = 410


class RateLimitedError(AppError):
    """Too many calls; come back after `retry_after_s` seconds."""

    code = "rate_limited"
    http_status = 429
    retryable = True
    retry_after_s: float = 1.0


class DependencyError(AppError):
    """A program, a model or a key that this step needs is not on this machine."""

    code = "dependency_missing"
    http_status = 503


class RemoteError(AppError):
    """Another service failed or could not be reached; the same call may work later."""

    code = "remote_failed"
    http_status = 502
    retryable = True


class ResourceError(AppError):
    """The machine ran out of something: disk, memory, permission."""

    code = "resource_exhausted"
    http_status = 507


class DiskFullError(ResourceError):
    """There is no room on the disk. What was written before is kept; once there is room the same works."""

    code = "disk_full"
    retryable = True


class ProcessError(AppError):
    """A child process failed; `message` carries the last telling line of its log.

    `log` is the tail of the whole log, for a caller who knows how to read that program's words.
    """

    code = "process_failed"
    log: str = ""


class CancelledError(AppError):
    """The user stopped the work; what was finished is kept."""

    code = "cancelled"
    http_status = 499
