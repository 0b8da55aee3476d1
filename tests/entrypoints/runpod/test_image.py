"""What the worker's image carries is enough to run, and carries nothing of the rest."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from twins.talks import make_talk, payload_of

ROOT = Path(__file__).parents[3]
COPY = re.compile(r"^COPY (src/\S+) /app/(src/\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as the Dockerfile copies them."""
    folder = tmp_path_factory.mktemp("image")
    dockerfile = (ROOT / "deploy" / "worker" / "Dockerfile").read_text(encoding="utf-8")
    for source, target in COPY.findall(dockerfile):
        to = folder / target
        to.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / source, to)
    return folder / "src"


def test_it_carries_kit_and_engine_and_its_own_door(image: Path) -> None:
    rooms = {path.name for path in (image / "goviral").iterdir()} - {"__pycache__"}
    assert rooms == {"__init__.py", "kit", "engine", "entrypoints"}
    doors = {path.name for path in (image / "goviral" / "entrypoints").iterdir()} - {"__pycache__"}
    assert doors == {"__init__.py", "runpod"}


def test_a_job_runs_on_it(image: Path, tmp_path: Path) -> None:
    job = {"id": "1", "input": {"transcript": payload_of(make_talk(60))}}
    (tmp_path / "job.json").write_text(json.dumps(job), encoding="utf-8")
    script = "import goviral, runpy; print(goviral.__file__); runpy.run_module('goviral.entrypoints.runpod', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", script, "--input", str(tmp_path / "job.json")],
        env={"PYTHONPATH": str(image), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(str(image))
    assert json.loads(lines[-1])["status"] == "completed"
