"""One page through yt-dlp: what is there, which file and which captions, down to disk.

Every connection goes through `EgressProxy`, so the policy holds for redirects, playlists, fragments and
captions. ffmpeg never gets an address: downloads are native, and where yt-dlp would hand a stream to
ffmpeg all the same, ffmpeg may open no protocol.
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from goviral.engine.media.container import FORMATS
from goviral.engine.media.fetched import FetchedSource
from goviral.engine.media.ffmpeg import find_ffmpeg
from goviral.engine.media.page_captions import FORMATS as CAPTION_FORMATS
from goviral.engine.media.page_captions import Track, choose_track
from goviral.engine.media.page_errors import explain
from goviral.kit.egress import EgressProxy
from goviral.kit.errors import AppError, CancelledError, InputError
from goviral.kit.progress import Progress
from goviral.kit.settings import Settings
from goviral.kit.urls import UrlPolicy

STAGE = "download"
_EMBEDS = ("Generic", "HTML5MediaEmbed")
# Other protocols (rtmp, mms, live sockets) are fetched by outside programs, past the proxy.
_PROTOCOLS = "[protocol~='^(https?|m3u8|m3u8_native|http_dash_segments)$']"
_FORMAT = f"bv*{_PROTOCOLS}+ba{_PROTOCOLS}/b{_PROTOCOLS}/bv*{_PROTOCOLS}/ba{_PROTOCOLS}"


class PageDownload:
    """Downloads one address under a policy."""

    def __init__(
        self,
        settings: Settings,
        policy: UrlPolicy,
        progress: Progress,
        cancelled: Callable[[], bool],
        max_bytes: int | None = None,
    ) -> None:
        self._settings = settings
        self._policy = policy
        self._max_bytes = max_bytes
        self._progress = progress
        self._meter = _Meter(progress, cancelled)

    def fetch(self, url: str, folder: Path, language: str | None) -> FetchedSource:
        """The media file and captions of `url`, in `folder`. Errors as `fetch_source`."""
        self._progress.start(STAGE, 1.0)
        with EgressProxy(self._policy, max_bytes=self._max_bytes) as proxy:
            try:
                fetched = self._run(url, folder, language, proxy)
            except CancelledError:
                raise
            except _ytdlp_errors() as error:
                raise (proxy.refusal or explain(error)) from error
        self._progress.finish(STAGE, fetched.title)
        return fetched

    def _run(
        self, url: str, folder: Path, language: str | None, proxy: EgressProxy
    ) -> FetchedSource:
        from goviral.engine.media.page_client import ProxiedYoutubeDL

        with ProxiedYoutubeDL(self._options(folder, proxy.url)) as page:
            info = _single(page.extract_info(url, download=False))
            if info.get("is_live"):
                raise InputError("The video is live.", remedy="Wait until it is over.")
            track = choose_track(info, language)
            page.params.update(_caption_options(track))
            self._meter.parts = len(info.get("requested_formats") or [info])
            info = page.process_ie_result(info, download=True)
        return FetchedSource(
            Path(info["requested_downloads"][0]["filepath"]),
            _captions_path(info, track),
            _title(info),
            round(info["duration"] * 1000) if info.get("duration") else None,
        )

    def _options(self, folder: Path, proxy_url: str) -> dict[str, Any]:
        local_files = ["-protocol_whitelist", "file", "-format_whitelist", FORMATS]
        return {
            "proxy": proxy_url,
            "format": _FORMAT,
            "format_sort": ["res:1080", "vcodec:h264", "acodec:aac", "ext:mp4:m4a"],
            "merge_output_format": "mp4/mkv",
            "outtmpl": {"default": str(folder).replace("%", "%%") + "/source.%(ext)s"},
            "ffmpeg_location": find_ffmpeg(self._settings).path,
            "external_downloader": "native",
            "external_downloader_args": {"ffmpeg_i": ["-protocol_whitelist", "none"]},
            "postprocessor_args": {"merger+ffmpeg_i": local_files},
            "fixup": "never",
            "noplaylist": True,
            "playlist_items": "1",
            "cachedir": str(self._settings.cache_dir / "yt-dlp"),
            "cookiefile": self._cookies(),
            "socket_timeout": self._settings.download_timeout_s,
            "retries": 3,
            "fragment_retries": 3,
            "extractor_retries": 1,
            "skip_unavailable_fragments": False,
            "overwrites": False,
            "updatetime": False,
            "quiet": True,
            "noprogress": True,
            "logger": _Silence(),
            "progress_hooks": [self._meter.report],
        }

    def _cookies(self) -> io.StringIO | None:
        """A copy in memory: yt-dlp writes back what it was given."""
        path = self._settings.cookies_file
        if path is None:
            return None
        try:
            return io.StringIO(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError) as error:
            raise InputError(
                f"The cookies file {path} cannot be read.", remedy="Check GOVIRAL_COOKIES."
            ) from error


class _Meter:
    """One rising figure out of the several files a video may come in."""

    def __init__(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self.parts = 1
        self._progress = progress
        self._cancelled = cancelled
        self._finished = 0
        self._shown = 0.0

    def report(self, event: Mapping[str, Any]) -> None:
        """Told by yt-dlp between pieces. Raises `CancelledError`, which ends the download."""
        if self._cancelled():
            raise CancelledError("Stopped.", remedy="What was downloaded is kept.")
        if (event.get("info_dict") or {}).get("ext") in CAPTION_FORMATS:
            return
        total = event.get("total_bytes") or event.get("total_bytes_estimate")
        done = min(1.0, event.get("downloaded_bytes", 0) / total) if total else 0.0
        if event.get("status") == "finished":
            self._finished += 1
            done = 0.0
        self._shown = max(self._shown, min(1.0, (self._finished + done) / self.parts))
        self._progress.advance(STAGE, self._shown)


def _ytdlp_errors() -> tuple[type[Exception], ...]:
    """What `YoutubeDL` raises: its own errors, and those of extractors that misread a page."""
    from yt_dlp.utils import YoutubeDLError

    misread = (LookupError, TypeError, ValueError, AttributeError)
    return (YoutubeDLError, OSError, AppError, *misread)


def _single(info: Any) -> dict[str, Any]:
    """The one video of a page. A page with several gives its first."""
    while info and "entries" in info:
        info = next((entry for entry in info["entries"] if entry), None)
    if not info:
        raise InputError(
            "There is no video on this page that can be downloaded.", remedy="Check the address."
        )
    return dict(info)


def _title(info: Mapping[str, Any]) -> str:
    """The page's title; yt-dlp numbers embedded players even where there is but one."""
    title = str(info.get("title") or "video")
    return title.removesuffix(" (1)") if info.get("extractor_key") in _EMBEDS else title


def _caption_options(track: Track | None) -> dict[str, Any]:
    if track is None:
        return {}
    return {
        "writesubtitles": not track.automatic,
        "writeautomaticsub": track.automatic,
        "subtitleslangs": [track.language],
        "subtitlesformat": "/".join(CAPTION_FORMATS),
    }


def _captions_path(info: Mapping[str, Any], track: Track | None) -> Path | None:
    written = (info.get("requested_subtitles") or {}).get(track.language if track else None)
    path = Path(written["filepath"]) if written and written.get("filepath") else None
    return path if path is not None and path.is_file() else None


class _Silence:
    """yt-dlp's own log: its errors come as exceptions, the rest is not for users."""

    def debug(self, message: str) -> None: ...

    def warning(self, message: str) -> None: ...

    def error(self, message: str) -> None: ...
