import errno

import pytest

from goviral.engine.media.page_errors import explain
from goviral.kit.errors import (
    AppError,
    CancelledError,
    DiskFullError,
    InputError,
    NotFoundError,
    RemoteError,
    ResourceError,
)


class AnsweredError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP Error {status}")
        self.status = status


class TransportError(Exception):
    """By the name of yt-dlp's own."""


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (AnsweredError(401), InputError),
        (AnsweredError(403), InputError),
        (AnsweredError(404), NotFoundError),
        (AnsweredError(410), NotFoundError),
        (AnsweredError(416), InputError),
        (AnsweredError(429), RemoteError),
        (AnsweredError(503), RemoteError),
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (PermissionError(errno.EACCES, "Permission denied"), ResourceError),
        (TransportError("odd"), RemoteError),
        (Exception("ERROR: [youtube] abc: Private video. Sign in if you may see it"), InputError),
        (
            Exception("ERROR: [x] 1: Join this channel to get access to members-only content"),
            InputError,
        ),
        (Exception("Sign in to confirm you're not a bot"), RemoteError),
        (Exception("Sign in to confirm your age"), InputError),
        (Exception("The uploader has not made this video available in your country"), InputError),
        (Exception("This video is DRM protected"), InputError),
        (Exception("This live event will begin in 3 hours."), InputError),
        (Exception("Video unavailable. It has been removed by the uploader"), NotFoundError),
        (Exception("Unsupported URL: http://a/"), InputError),
        (Exception("[download] Got error: timed out. Giving up after 3 retries"), RemoteError),
        (Exception("Something else altogether"), RemoteError),
        (Exception(""), RemoteError),
        (CancelledError("Stopped."), CancelledError),
    ],
)
def test_each_failure_has_its_meaning(error: Exception, kind: type[AppError]) -> None:
    wrapped = RuntimeError(str(error))
    wrapped.__cause__ = error
    explained = explain(wrapped)
    assert type(explained) is kind
    assert "\n" not in str(explained)


def test_an_inner_error_of_our_own_is_the_answer() -> None:
    inner = NotFoundError("gone")
    outer = Exception("ERROR: wrapped")
    outer.exc_info = (NotFoundError, inner, None)  # type: ignore[attr-defined]
    assert explain(outer) is inner


def test_a_report_plea_and_colours_are_left_out() -> None:
    text = "\x1b[0;31mERROR:\x1b[0m [x] 1: Odd thing; please report this issue on  https://a"
    assert "Odd thing." not in explain(Exception(text)).message
    assert explain(Exception(text)).message == "The download failed: Odd thing"
