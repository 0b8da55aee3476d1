"""Models found and fetched, against a hub on loopback."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from goviral.engine.transcripts.model_store import ModelStore
from goviral.kit.errors import DependencyError, InputError
from goviral.kit.progress import SilentProgress

COMMIT = "a" * 40
FILES = {
    "config.json": b"{}",
    "model.bin": b"weights" * 1000,
    "tokenizer.json": b"{}",
    "vocabulary.json": b"[]",
    "README.md": b"not needed",
}


@contextmanager
def hub(*, delay_s: float = 0.0) -> Iterator[str]:
    """A hub that has one model, `owner/tiny`; its address."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            stop.wait(delay_s)
            content = self._content()
            self.send_response(404 if content is None else 200)
            self.send_header("content-length", str(len(content or b"")))
            self.send_header("x-repo-commit", COMMIT)
            self.send_header("etag", f'"{abs(hash(self.path))}"')
            self.end_headers()
            if body and content:
                self.wfile.write(content)

        def _content(self) -> bytes | None:
            if self.path.startswith("/api/models/owner/tiny/tree/"):
                tree = [
                    {"type": "file", "path": name, "size": len(content), "oid": "0" * 40}
                    for name, content in FILES.items()
                ]
                return json.dumps(tree).encode()
            if self.path.startswith("/api/models/owner/tiny"):
                siblings = [{"rfilename": name} for name in FILES]
                value = {"id": "owner/tiny", "sha": COMMIT, "siblings": siblings}
                return json.dumps(value).encode()
            folder, _, name = self.path.rpartition("/")
            return FILES.get(name) if folder.startswith("/owner/tiny/resolve/") else None

        @override
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def fetch(store: ModelStore, name: str) -> Path:
    return store.fetch(name, SilentProgress(), lambda: False)


class TestFolder:
    def test_a_folder_with_a_model_is_taken_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "model.bin").write_bytes(b"weights")
        store = ModelStore(tmp_path / "cache", offline=True)
        assert store.obstacle(str(tmp_path)) is None
        assert fetch(store, str(tmp_path)) == tmp_path

    def test_a_folder_without_one_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no Whisper model in"):
            ModelStore(tmp_path / "cache").find(str(tmp_path))

    @pytest.mark.parametrize("name", ["huge", "./none", "/none/such", "a b/c"])
    def test_a_name_nobody_knows_is_refused(self, tmp_path: Path, name: str) -> None:
        store = ModelStore(tmp_path, offline=True)
        with pytest.raises(InputError, match="no Whisper model"):
            fetch(store, name)
        assert "no Whisper model" in str(store.obstacle(name))


class TestHub:
    def test_a_model_is_fetched_once_and_found_offline_afterwards(self, tmp_path: Path) -> None:
        with hub() as address:
            store = ModelStore(tmp_path, hub=address)
            assert store.obstacle("owner/tiny") is None
            folder = fetch(store, "owner/tiny")
        assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
        assert not (folder / "README.md").exists()
        offline = ModelStore(tmp_path, offline=True)
        assert offline.obstacle("owner/tiny") is None
        assert fetch(offline, "owner/tiny") == folder

    def test_a_model_the_hub_does_not_have(self, tmp_path: Path) -> None:
        with hub() as address:
            store = ModelStore(tmp_path, hub=address)
            assert "the hub does not answer" in str(store.obstacle("owner/none"))

    def test_a_hub_that_does_not_answer_is_given_up_in_seconds(self, tmp_path: Path) -> None:
        with hub(delay_s=300) as address:
            begun = time.monotonic()
            with pytest.raises(DependencyError, match="does not answer") as error:
                fetch(ModelStore(tmp_path, hub=address), "owner/tiny")
            assert time.monotonic() - begun < 100
        assert "GOVIRAL_WHISPER_MODEL" in error.value.remedy

    def test_no_network_is_told_at_once(self, tmp_path: Path) -> None:
        with hub() as address:
            pass
        begun = time.monotonic()
        assert ModelStore(tmp_path, hub=address).obstacle("owner/tiny") is not None
        assert time.monotonic() - begun < 100

    def test_offline_nothing_is_asked(self, tmp_path: Path) -> None:
        reason = ModelStore(tmp_path, offline=True, hub="http://127.0.0.1:9").obstacle("small")
        assert "fetching is switched off" in str(reason)
