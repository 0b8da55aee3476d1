"""The whole service from outside: `goviral serve` as a child, a film in, a clip out."""

import threading
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from e2e.films import ffmpeg
from entrypoints.running.child import Running, goviral
from goviral.client import ApiError, GoViral, UploadRefusedError
from goviral.client.values import Event

pytestmark = pytest.mark.e2e
TALK = Path(__file__).parents[2] / "examples" / "talk.mp4"
WISHES = {"engine": "speech-only", "moments": {"count": 1, "min_ms": 3000, "max_ms": 8000}}


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with goviral(tmp_path_factory.mktemp("service"), "serve", "--port", "0") as running:
        assert running.url
        yield running
        assert running.stop(within_s=60) == 0


@pytest.fixture
def client(serve: Running) -> Iterator[GoViral]:
    with GoViral(serve.url, serve.key) as made:
        yield made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds of somebody speaking."""
    path = tmp_path_factory.mktemp("film") / "talk.mp4"
    small = ("-vf", "scale=320:180", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
    ffmpeg("-i", TALK, "-t", 40, *small, path)
    return path


@pytest.mark.slow
def test_a_film_becomes_a_clip(client: GoViral, serve: Running, film: Path, tmp_path: Path) -> None:
    heard: list[Event] = []
    over = threading.Event()

    def hear() -> None:
        with GoViral(serve.url, serve.key) as listening:
            for event in listening.events(after=0):
                heard.append(event)
                if event.type == "pipeline.succeeded":
                    over.set()
                    return

    threading.Thread(target=hear, daemon=True).start()
    upload = client.uploads.send(film)
    video = client.videos.create(upload_id=upload.id, title="A talk")
    assert (upload.state, video.state, video.duration_ms) == ("ready", "ready", 40_000)
    run = client.pipeline.wait(client.pipeline.start(video.id, **WISHES).id, within_s=600)
    assert [stage.state for stage in run.stages] == ["skipped", *["succeeded"] * 5]
    (moment,) = client.moments.of(video.id)
    assert 3000 <= moment.end_ms - moment.start_ms <= 8000
    (clip,) = client.clips.list(video_id=video.id)
    assert (clip.state, clip.moment_id) == ("ready", moment.id)
    check_film(client.clips.download(clip.id, tmp_path / "clip.mp4"), clip.duration_ms or 0)
    assert over.wait(120), [event.type for event in heard]
    assert [e.position for e in heard] == sorted({e.position for e in heard})
    kinds = [event.type for event in heard]
    assert {"upload.ready", "video.created", "clip.ready", "thumbnail.created"} <= set(kinds)
    gone = client.videos.delete(video.id)
    assert gone.files > 0
    with pytest.raises(ApiError) as missing:
        client.videos.get(video.id)
    assert (missing.value.status, missing.value.code) == (404, "not_found")
    assert missing.value.request_id.startswith("req_")


def test_an_upload_goes_on_where_it_broke_off(client: GoViral, film: Path) -> None:
    longer = film.with_name("longer.mp4")
    longer.write_bytes(film.read_bytes() + bytes(1000))
    begun = client.uploads.begin(longer)
    client.uploads._append(begun.id, 0, longer.read_bytes()[:100_000])
    assert client.uploads.get(begun.id).offset == 100_000
    sent: list[int] = []
    done = client.uploads.resume(
        begun.id, longer, on_sent=lambda offset, _size: sent.append(offset)
    )
    assert (done.state, sent[-1]) == ("ready", longer.stat().st_size)
    assert client.uploads.begin(longer).id == begun.id


def test_what_is_no_film_is_refused_in_words(client: GoViral, tmp_path: Path) -> None:
    text = tmp_path / "film.mp4"
    text.write_text("this is no film at all\n" * 1000)
    with pytest.raises((ApiError, UploadRefusedError)) as refused:
        client.uploads.send(text)
    assert refused.value.code == "not_media"


def test_nothing_secret_is_logged(client: GoViral, serve: Running) -> None:
    with pytest.raises(ApiError) as unknown, GoViral(serve.url, "gvn_wrongwrongwrong") as stranger:
        list(stranger.videos.list())
    assert unknown.value.status == 401
    serve.wait_for('"route": "/api/v1/videos"')  # a line may come after the answer it is about
    logged = "".join(line for line in serve.lines if line.startswith("{"))
    for secret in (serve.key, "gvn_wrong", "signature="):
        assert secret not in logged


def check_film(path: Path, duration_ms: int) -> None:
    with av.open(str(path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.width, picture.height) == (1080, 1920)
        assert sound.rate == 48000
        assert container.duration is not None
        assert abs(container.duration / 1000 - duration_ms) < 100
