"""What yt-dlp's failures mean to a user. Its texts are the only telling there is for many of them."""

import errno
import re
from collections.abc import Iterator

from goviral.kit.errors import (
    AppError,
    DiskFullError,
    InputError,
    NotFoundError,
    RemoteError,
    ResourceError,
)
from goviral.kit.files import is_disk_full

_LOGIN_REMEDY = (
    "Export your browser's cookies to a file and set GOVIRAL_COOKIES to it, "
    "or download the video by hand and pass the file."
)
_BY_HAND = "Download the video by hand and pass the file."
_NETWORK = "Check the network and run the command again: what was downloaded is kept."

_MEANINGS: tuple[tuple[str, type[AppError], str, str], ...] = (
    (
        r"not a bot|captcha|challenge",
        RemoteError,
        "The site takes us for a robot.",
        f"Try again later. {_LOGIN_REMEDY}",
    ),
    (
        r"private|log ?in|sign ?in|account|cookies|member|subscri|purchase|age[- ]restrict|confirm your age|password",
        InputError,
        "The page is private or needs a login.",
        _LOGIN_REMEDY,
    ),
    (
        r"not available in your|geo|country|region",
        InputError,
        "The video is not shown in this country.",
        _BY_HAND,
    ),
    (r"DRM", InputError, "The video is protected against copying.", "Use another source."),
    (
        r"premieres|will begin|is live|live event",
        InputError,
        "The video is live or has not begun.",
        "Wait until it is over.",
    ),
    (
        r"unavailable|removed|deleted|terminated|does not exist|no longer|not found",
        NotFoundError,
        "There is no video at this address any more.",
        "Check the address.",
    ),
    (
        r"Unsupported URL|no video|no media|No video formats|Requested format is not available",
        InputError,
        "There is no video on this page that can be downloaded.",
        f"Check the address; if the page needs a login: {_LOGIN_REMEDY}",
    ),
    (
        r"timed out|got error|giving up|connection",
        RemoteError,
        "The server could not be reached or went silent.",
        _NETWORK,
    ),
)


def explain(error: BaseException) -> AppError:
    """The error a user should see: by HTTP status, by system error, then by what yt-dlp wrote."""
    for cause in _causes(error):
        if isinstance(cause, AppError):
            return cause
        known = _by_status(cause) or _by_errno(cause)
        if known is not None:
            return known
    text = _plain(str(error))
    for pattern, kind, message, remedy in _MEANINGS:
        if re.search(pattern, text, re.IGNORECASE):
            return kind(message, remedy=remedy)
    if any(type(cause).__name__ in _NETWORK_FAILURES for cause in _causes(error)):
        return RemoteError("The server could not be reached or went silent.", remedy=_NETWORK)
    return RemoteError(f"The download failed: {text[:200]}", remedy=f"Try again later. {_BY_HAND}")


_NETWORK_FAILURES = frozenset(
    {
        "TransportError",
        "ProxyError",
        "SSLError",
        "CertificateVerifyError",
        "IncompleteRead",
        "ContentTooShortError",
        "TimeoutError",
        "ConnectionError",
        "gaierror",
    }
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it: yt-dlp keeps causes in `exc_info`, `cause` and the usual chain."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        current = waiting.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        exc_info = getattr(current, "exc_info", None)
        waiting += [*(exc_info or ())[1:2], getattr(current, "cause", None)]
        waiting += [current.__cause__, current.__context__]


def _by_status(error: BaseException) -> AppError | None:
    status = getattr(error, "status", None)
    if not isinstance(status, int):
        return None
    if status in (401, 402, 403, 407):
        return InputError(
            f"The server refuses the page ({status}): it is private or needs a login.",
            remedy=_LOGIN_REMEDY,
        )
    if status in (404, 410):
        return NotFoundError(
            f"There is nothing at this address ({status}).", remedy="Check the address."
        )
    if status == 429 or status >= 500:
        return RemoteError(f"The server failed ({status}).", remedy="Try again later.")
    if 400 <= status < 500:
        return InputError(f"The server refuses the request ({status}).", remedy=_BY_HAND)
    return None


def _by_errno(error: BaseException) -> AppError | None:
    code = getattr(error, "errno", None)
    if is_disk_full(error):
        return DiskFullError(
            "The disk is full.",
            remedy="Free some space and run the command again: what was downloaded is kept.",
        )
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) and isinstance(error, PermissionError):
        return ResourceError(
            "The folder may not be written.", remedy="Choose another folder with --out."
        )
    return None


def _plain(text: str) -> str:
    """The last line of what it wrote, without colours, tags and the plea to report a bug."""
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()]
    last = next((line for line in reversed(lines) if line), "no reason was given.")
    return re.sub(r"^(ERROR: )?(\[[^\]]+\] )?([\w-]+: )?", "", last).split("; please report")[0]
