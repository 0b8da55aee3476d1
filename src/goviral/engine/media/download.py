"""A web address made a local file: media, and the page's own captions beside it."""

from collections.abc import Callable
from pathlib import Path

from goviral.engine.media.fetched import FetchedSource, read_receipt, write_receipt
from goviral.kit.errors import CancelledError, ForbiddenUrlError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings
from goviral.kit.urls import UrlPolicy, check_url

_WEB_PORTS = frozenset({80, 443, 8080, 8443})


def fetch_source(
    url: str,
    folder: Path,
    *,
    settings: Settings,
    language: str | None,
    progress: Progress,
    cancelled: Callable[[], bool],
    policy: UrlPolicy | None = None,
    max_bytes: int | None = None,
) -> FetchedSource:
    """Download `url` into `folder` and return what is there; a finished download is not repeated.

    A download that was cut off goes on where it stopped. `language` chooses among caption tracks.
    `policy` says which addresses may be opened (by default public ones, unless the settings allow
    private networks); it holds for every connection, redirects and embedded players included.
    `max_bytes` is the most that may come over all of them.
    Raises `ForbiddenUrlError` (private address, file://), `InputError` (no video there, too large, needs
    a login, live), `NotFoundError`, `RemoteError` (no network, server fails), `ResourceError` (disk full),
    `CancelledError`.
    """
    policy = policy or UrlPolicy(allow_private=settings.allow_private_urls, ports=_WEB_PORTS)
    _check(url, policy)
    kept = read_receipt(folder, url)
    if kept is not None:
        return kept
    if cancelled():
        raise CancelledError("Stopped.")
    folder.mkdir(parents=True, exist_ok=True)
    # yt-dlp takes a second to load; a refused or finished address need not pay for it.
    from goviral.engine.media.page import PageDownload

    page = PageDownload(settings, policy, progress, cancelled, max_bytes)
    fetched = page.fetch(url, folder, language)
    write_receipt(folder, url, fetched)
    return fetched


def _check(url: str, policy: UrlPolicy) -> None:
    try:
        check_url(url, policy)
    except ForbiddenUrlError as error:
        remedy = f"{error.remedy} Or download the file by hand and pass its path."
        if not policy.allow_private:
            remedy += " (A trusted server of your own: GOVIRAL_ALLOW_PRIVATE_URLS=true.)"
        raise ForbiddenUrlError(error.message, remedy=remedy) from error
