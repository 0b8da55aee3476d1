"""What was told is counted, alone and together with other processes."""

import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from goviral.kit.errors import ConflictError
from goviral.kit.telemetry.measured import Happened
from goviral.kit.telemetry.metrics import _METRICS, exposition
from goviral.kit.telemetry.metrics_server import serve_metrics

COUNTING = """
import sys
from pathlib import Path
from goviral.kit.settings import count_together
count_together(Path(sys.argv[1]))
from goviral.kit.telemetry.measured import Happened, tell
from goviral.kit.telemetry.metrics import exposition, start_metrics
start_metrics()
tell(Happened.JOB, 0.5, "test.task", "succeeded")
tell(Happened.LLM_TOKENS, 100, "a-model", "input")
sys.stdout.write(exposition().decode())
"""


def test_everything_that_can_be_told_has_a_metric() -> None:
    assert set(_METRICS) == set(Happened)


def test_processes_that_share_a_folder_count_together(tmp_path: Path) -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", COUNTING, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert 'app_job_seconds_count{outcome="succeeded",task="test.task"} 1.0' in said[0]
    assert 'app_job_seconds_count{outcome="succeeded",task="test.task"} 2.0' in said[1]
    assert 'app_llm_tokens_total{kind="input",model="a-model"} 200.0' in said[1]


def test_a_process_without_an_api_shows_its_metrics() -> None:
    port = serve_metrics("127.0.0.1", 0)
    answer = httpx2.get(f"http://127.0.0.1:{port}/metrics", timeout=60)
    assert (answer.status_code, "python_gc" in answer.text) == (200, True)
    assert httpx2.get(f"http://127.0.0.1:{port}/other", timeout=60).status_code == 404
    with pytest.raises(ConflictError, match="GOVIRAL_METRICS_PORT"):
        serve_metrics("127.0.0.1", port)
    assert b"python_info" in exposition()
