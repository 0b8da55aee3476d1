"""Downloads through a real server on loopback."""

import gc
import io
import json
import socket
import warnings
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from typing_extensions import override

from goviral.engine.media.download import fetch_source
from goviral.engine.media.fetched import FetchedSource
from goviral.kit.errors import (
    CancelledError,
    ForbiddenUrlError,
    InputError,
    NotFoundError,
    RemoteError,
)
from goviral.kit.progress import SilentProgress
from goviral.kit.settings import Settings
from goviral.kit.urls import UrlPolicy
from twins.http_server import LocalServer, Reply, Request, closed_port

VTT = "WEBVTT\n\n00:00.000 --> 00:01.000\nHello there.\n"
HTML = {"Content-Type": "text/html; charset=utf-8"}
M3U8 = {"Content-Type": "application/vnd.apple.mpegurl"}
MP4 = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes"}


@pytest.fixture(autouse=True)
def collected_sockets() -> Iterator[None]:
    """yt-dlp leaves the sockets of failed requests to the garbage collector, which complains."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


@pytest.fixture(scope="module")
def movie() -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mp4") as container:
        video = container.add_stream("h264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
        for shade in range(10):
            picture = np.full((36, 64, 3), shade * 20, dtype=np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
    return stream.getvalue()


@pytest.fixture
def server(movie: bytes) -> Iterator[LocalServer]:
    pages = {
        "/talk.mp4": Reply(200, movie, MP4),
        "/page": Reply(
            200,
            b"<html><head><title>My Talk</title></head><body><video src='/talk.mp4' controls>"
            b"<track kind='captions' src='/talk.vtt' srclang='en' label='English'>"
            b"</video></body></html>",
            HTML,
        ),
        "/two": Reply(
            200,
            b"<html><title>Two tongues</title><video src='/talk.mp4'>"
            b"<track kind='subtitles' src='/talk.vtt' srclang='en'>"
            b"<track kind='subtitles' src='/talk.vtt' srclang='de'></video></html>",
            HTML,
        ),
        "/talk.vtt": Reply(200, VTT.encode(), {"Content-Type": "text/vtt"}),
        "/empty": Reply(200, b"<html><body>No film here.</body></html>", HTML),
        "/login": Reply(403, b"<html><body>Please log in</body></html>", HTML),
        "/secret": Reply(401, b"<html><body>Please log in</body></html>", HTML),
        "/broken": Reply(500, b"oops"),
        "/slow.mp4": Reply(200, movie, MP4, delay_s=30),
        "/stuck": Reply(200, b"<html><title>x</title><video src='/slow.mp4'></video></html>", HTML),
        "/inside": Reply(302, b"", {"Location": "http://127.0.0.2/talk.mp4"}),
        "/file": Reply(302, b"", {"Location": "file:///etc/hostname"}),
        "/moved": Reply(302, b"", {"Location": "/talk.mp4"}),
        "/embed-inside": Reply(
            200,
            b"<html><title>x</title><video src='http://127.0.0.2/talk.mp4'></video></html>",
            HTML,
        ),
        "/list.m3u8": Reply(
            200,
            b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.2/a.ts\n#EXT-X-ENDLIST\n",
            {"Content-Type": "application/vnd.apple.mpegurl"},
        ),
    }

    def route(request: Request) -> Reply:
        return pages.get(request.path.split("?")[0], Reply(404, b"nothing here"))

    with LocalServer(route) as running:
        yield running


def settings(tmp_path: Path, **more: object) -> Settings:
    return Settings.model_validate(
        {"GOVIRAL_CACHE_DIR": tmp_path / "cache", "GOVIRAL_DOWNLOAD_TIMEOUT_S": 1.0, **more}
    )


def fetch(
    url: str,
    tmp_path: Path,
    *,
    language: str | None = None,
    policy: UrlPolicy | None = None,
    max_bytes: int | None = None,
) -> FetchedSource:
    return fetch_source(
        url,
        tmp_path / "out",
        settings=settings(tmp_path, GOVIRAL_ALLOW_PRIVATE_URLS=True),
        language=language,
        progress=SilentProgress(),
        cancelled=lambda: False,
        policy=policy,
        max_bytes=max_bytes,
    )


def guarded(server: LocalServer) -> UrlPolicy:
    """The real guard, with this one server excepted: everything else on loopback stays refused."""
    return UrlPolicy(
        trusted_addresses=frozenset({"127.0.0.1"}), ports=frozenset({80, 443, server.port})
    )


def test_a_direct_film_arrives_byte_for_byte(
    server: LocalServer, tmp_path: Path, movie: bytes
) -> None:
    fetched = fetch(f"{server.url}/talk.mp4", tmp_path)
    assert fetched.media_path.read_bytes() == movie
    assert fetched.captions_path is None
    assert fetched.title == "talk"


def test_a_page_gives_its_film_and_its_own_captions(
    server: LocalServer, tmp_path: Path, movie: bytes
) -> None:
    fetched = fetch(f"{server.url}/page", tmp_path)
    assert fetched.title == "My Talk"
    assert fetched.media_path.read_bytes() == movie
    assert fetched.captions_path is not None
    assert "Hello there." in fetched.captions_path.read_text(encoding="utf-8")


def test_the_guard_lets_a_permitted_server_through(server: LocalServer, tmp_path: Path) -> None:
    assert fetch(f"{server.url}/page", tmp_path, policy=guarded(server)).captions_path is not None


def test_two_languages_need_a_wish(server: LocalServer, tmp_path: Path) -> None:
    assert fetch(f"{server.url}/two", tmp_path / "a").captions_path is None
    wished = fetch(f"{server.url}/two", tmp_path / "b", language="de").captions_path
    assert wished is not None
    assert ".de." in wished.name


class Bar(SilentProgress):
    """Keeps what it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[float] = []

    @override
    def advance(self, stage: str, done: float) -> None:
        self.shown.append(done)


def segment(kind: str) -> bytes:
    stream = io.BytesIO()
    with av.open(stream, "w", format="mpegts") as container:
        if kind == "audio":
            sound = container.add_stream("aac", rate=48_000, layout="mono")
            for index in range(48):
                silence = np.zeros((1, 1024), np.float32)
                frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
                frame.sample_rate, frame.pts = 48_000, index * 1024
                container.mux(sound.encode(frame))
            container.mux(sound.encode())
        else:
            video = container.add_stream("h264", rate=10)
            video.width, video.height, video.pix_fmt = 64, 36, "yuv420p"
            for shade in range(10):
                picture = np.full((36, 64, 3), shade * 20, dtype=np.uint8)
                container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            container.mux(video.encode())
    return stream.getvalue()


def test_picture_and_sound_that_come_apart_are_put_together(tmp_path: Path) -> None:
    """A playlist of two tracks: native download, then one merge, in a folder with an odd name."""

    def playlist(name: str) -> Reply:
        text = f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n"
        return Reply(200, text.encode(), M3U8)

    master = (
        b'#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",DEFAULT=YES,URI="a.m3u8"\n'
        b'#EXT-X-STREAM-INF:BANDWIDTH=100000,RESOLUTION=64x36,AUDIO="a",'
        b'CODECS="avc1.42c00a,mp4a.40.2"\nv.m3u8\n'
    )
    pages = {
        "/m.m3u8": Reply(200, master, M3U8),
        "/v.m3u8": playlist("v.ts"),
        "/a.m3u8": playlist("a.ts"),
        "/v.ts": Reply(200, segment("video")),
        "/a.ts": Reply(200, segment("audio")),
    }
    bar = Bar()
    with LocalServer(lambda request: pages.get(request.path, Reply(404))) as server:
        fetched = fetch_source(
            f"{server.url}/m.m3u8",
            tmp_path / "50 %(title)s 'quoted'",
            settings=settings(tmp_path),
            language=None,
            progress=bar,
            cancelled=lambda: False,
            policy=guarded(server),
        )
    with av.open(str(fetched.media_path)) as container:
        assert {stream.type for stream in container.streams} == {"video", "audio"}
    assert bar.shown == sorted(bar.shown)
    assert bar.shown[-1] == 1.0


def test_a_redirect_to_a_public_place_is_followed(server: LocalServer, tmp_path: Path) -> None:
    assert fetch(f"{server.url}/moved", tmp_path, policy=guarded(server)).media_path.is_file()


@pytest.mark.parametrize("path", ["/inside", "/embed-inside", "/list.m3u8"])
def test_nothing_on_a_page_leads_into_the_private_network(
    server: LocalServer, tmp_path: Path, path: str
) -> None:
    with pytest.raises(ForbiddenUrlError, match="loopback"):
        fetch(f"{server.url}{path}", tmp_path, policy=guarded(server))


@pytest.mark.parametrize("path", ["/talk.mp4", "/page"])
def test_a_download_without_end_is_left_where_it_is_too_large(
    server: LocalServer, tmp_path: Path, movie: bytes, path: str
) -> None:
    with pytest.raises(InputError, match="more than"):
        fetch(f"{server.url}{path}", tmp_path, max_bytes=len(movie) // 2)
    assert not (tmp_path / "out" / "source.json").exists()


@pytest.mark.parametrize("scheme", ["http", "ftp"])
def test_no_proxy_of_the_environment_opens_a_way_past_the_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as private:
        private.settimeout(0)
        segment = f"{scheme}://127.0.0.1:{private.getsockname()[1]}/a.ts"
        listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{segment}\n#EXT-X-ENDLIST\n"
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with LocalServer(lambda _: Reply(200, listed.encode(), M3U8)) as server:
            with pytest.raises((InputError, RemoteError)):
                fetch(f"{server.url}/list.m3u8", tmp_path, policy=guarded(server))
            with pytest.raises(BlockingIOError):
                private.accept()


def test_a_redirect_to_a_file_is_refused(server: LocalServer, tmp_path: Path) -> None:
    with pytest.raises((InputError, RemoteError)):
        fetch(f"{server.url}/file", tmp_path, policy=guarded(server))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/a.mp4", "http://127.0.0.1:9/a.mp4"]
)
def test_what_is_not_public_is_refused_before_anything_is_opened(url: str, tmp_path: Path) -> None:
    with pytest.raises(ForbiddenUrlError):
        fetch_source(
            url,
            tmp_path / "out",
            settings=settings(tmp_path),
            language=None,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("path", "kind", "says"),
    [
        ("/missing", NotFoundError, "nothing at this address"),
        ("/login", InputError, "needs a login"),
        ("/secret", InputError, "needs a login"),
        ("/empty", InputError, "no video on this page"),
        ("/broken", RemoteError, "server failed"),
        ("/slow.mp4", RemoteError, "went silent"),
        ("/stuck", RemoteError, "went silent"),
    ],
)
def test_each_failure_says_what_to_do(
    server: LocalServer, tmp_path: Path, path: str, kind: type[Exception], says: str
) -> None:
    with pytest.raises(kind, match=says) as caught:
        fetch(f"{server.url}{path}", tmp_path)
    assert getattr(caught.value, "remedy", "")
    assert "\n" not in str(caught.value)


def test_no_network_is_a_remote_error(tmp_path: Path) -> None:
    with pytest.raises(RemoteError) as caught:
        fetch(f"http://127.0.0.1:{closed_port()}/talk.mp4", tmp_path)
    assert "again" in caught.value.remedy


def test_a_second_run_downloads_nothing(server: LocalServer, tmp_path: Path) -> None:
    first = fetch(f"{server.url}/page", tmp_path)
    asked = len(server.requests)
    assert fetch(f"{server.url}/page", tmp_path) == first
    assert len(server.requests) == asked


def test_a_broken_receipt_is_ignored(server: LocalServer, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "source.json").write_text("{", encoding="utf-8")
    assert fetch(f"{server.url}/talk.mp4", tmp_path).media_path.is_file()


def test_a_download_goes_on_where_it_stopped(
    server: LocalServer, tmp_path: Path, movie: bytes
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "source.mp4.part").write_bytes(movie[:200])
    assert fetch(f"{server.url}/talk.mp4", tmp_path).media_path.read_bytes() == movie
    assert any(request.headers.get("range") == "bytes=200-" for request in server.requests)


def test_cancelling_stops_it(server: LocalServer, tmp_path: Path) -> None:
    answers = iter([False])
    with pytest.raises(CancelledError):
        fetch_source(
            f"{server.url}/talk.mp4",
            tmp_path / "out",
            settings=settings(tmp_path, GOVIRAL_ALLOW_PRIVATE_URLS=True),
            language=None,
            progress=SilentProgress(),
            cancelled=lambda: next(answers, True),
        )
    assert not (tmp_path / "out" / "source.json").exists()


def test_the_receipt_names_what_is_there(server: LocalServer, tmp_path: Path) -> None:
    fetched = fetch(f"{server.url}/page", tmp_path)
    receipt = json.loads((tmp_path / "out" / "source.json").read_text(encoding="utf-8"))
    assert receipt["media"] == fetched.media_path.name
    assert receipt["url"] == f"{server.url}/page"


def test_a_login_is_passed_with_the_browsers_cookies(tmp_path: Path, movie: bytes) -> None:
    jar = tmp_path / "cookies.txt"
    row = "127.0.0.1\tFALSE\t/\tFALSE\t4102444800\tsession\tme\n"
    jar.write_text(f"# Netscape HTTP Cookie File\n{row}", encoding="utf-8")
    before = jar.read_bytes()

    def members_only(request: Request) -> Reply:
        known = request.headers.get("cookie") == "session=me"
        return Reply(200, movie, MP4) if known else Reply(403, b"log in", HTML)

    with LocalServer(members_only) as server:
        fetched = fetch_source(
            f"{server.url}/talk.mp4",
            tmp_path / "out",
            settings=settings(tmp_path, GOVIRAL_ALLOW_PRIVATE_URLS=True, GOVIRAL_COOKIES=jar),
            language=None,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )
    assert fetched.media_path.read_bytes() == movie
    assert jar.read_bytes() == before


def test_a_missing_cookies_file_is_named(server: LocalServer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cookies\.txt"):
        fetch_source(
            f"{server.url}/talk.mp4",
            tmp_path / "out",
            settings=settings(
                tmp_path,
                GOVIRAL_ALLOW_PRIVATE_URLS=True,
                GOVIRAL_COOKIES=tmp_path / "cookies.txt",
            ),
            language=None,
            progress=SilentProgress(),
            cancelled=lambda: False,
        )
