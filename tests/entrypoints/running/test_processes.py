"""The service as processes: they start by themselves, say what is wrong, stop in peace."""

import json
import os
import re
import signal
import socket
from pathlib import Path

import httpx2
import pytest

from entrypoints.running.child import goviral
from goviral.client import GoViral
from twins.live import until


def test_up_keeps_every_process_running_and_stops_them_all(tmp_path: Path) -> None:
    with goviral(tmp_path, "up", "--port", "0") as up:
        url = up.url.rstrip()
        with GoViral(url, up.key) as client:
            assert client.health().status == "ok"
            children = children_of(up.pid)
            assert set(children) == {"api", "worker", "scheduler", "relay"}
            os.kill(children["worker"], signal.SIGKILL)
            up.wait_for(r"worker ended with -9, started again in 0\.\d s")
            until(
                lambda: children_of(up.pid).get("worker", children["worker"]) != children["worker"]
            )
        assert up.stop() == 0
    assert all(not is_alive(pid) for pid in children.values())
    assert re.search(r"^api +\| GoViral listens on", up.text, re.MULTILINE)
    assert {line["process"] for line in logged(up.text) if "process" in line} <= set(children)


def test_children_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    with goviral(tmp_path, "up", "--port", "0") as up:
        assert up.url
        up.wait_for("Works on")
        children = children_of(up.pid)
        assert len(children) == 4
        up.stop(signal.SIGKILL)
        until(lambda: not any(is_alive(pid) for pid in children.values()))


def test_readiness_says_503_while_it_drains_until_a_second_signal(tmp_path: Path) -> None:
    with goviral(tmp_path, "serve", "--port", "0", GOVIRAL_DRAIN_S="300") as serve:
        url = serve.url
        assert httpx2.get(f"{url}/health", timeout=60).status_code == 200
        os.kill(serve.pid, signal.SIGTERM)
        until(lambda: httpx2.get(f"{url}/health", timeout=60).status_code != 200)
        answer = httpx2.get(f"{url}/health", timeout=60)
        assert (answer.status_code, answer.json()["status"]) == (503, "draining")
        assert httpx2.get(f"{url}/healthz", timeout=60).status_code == 200
        assert serve.stop() == 128 + signal.SIGTERM


def test_the_first_key_is_shown_once_and_an_interrupt_stops_in_peace(tmp_path: Path) -> None:
    with goviral(tmp_path, "serve", "--port", "0") as first:
        assert first.url
        assert first.key in first.text
        assert first.stop(signal.SIGINT) == 0
    assert first.text.rstrip().endswith("Stopped.")
    with goviral(tmp_path, "serve", "--port", "0", GOVIRAL_DRAIN_S="0.5") as second:
        assert second.url
        assert "gvn_" not in second.text
        assert second.stop() == 0


@pytest.mark.parametrize(
    ("words", "environment", "said"),
    [
        (("api",), {}, "The database is at version none, this program needs"),
        (
            ("serve", "--host", "0.0.0.0"),
            {"GOVIRAL_ENV": "dev"},
            "GOVIRAL_ENV=dev accepts the key dev-key: it may not listen on 0.0.0.0",
        ),
        (
            ("serve",),
            {"DATABASE_URL": "postgresql://user:hunter2@127.0.0.1:1/x"},
            "The database does not answer",
        ),
        (
            ("up",),
            {"JOBS_BACKEND": "celery", "REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"},
            "Redis does not answer",
        ),
        (("serve",), {"JWT_SECRET": "short"}, "A setting is refused"),
        (("db", "downgrade", "9999"), {}, "Can't locate revision"),
    ],
)
def test_what_is_wrong_is_one_line_and_exit_code_2(
    tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    with goviral(tmp_path, *words, **environment) as command:
        assert command.end() == 2
    (line,) = [line for line in command.lines if line.startswith("goviral: ")]
    assert said in line
    assert "hunter2" not in command.text
    assert "Traceback" not in command.text


@pytest.mark.parametrize("command", ["serve", "up"])
def test_a_port_that_is_taken_is_named(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with goviral(tmp_path, command, "--port", port) as serve:
            assert serve.end() == 2
    assert f"Cannot listen on 127.0.0.1 port {port}" in serve.text


def test_the_database_goes_up_and_down_by_command(tmp_path: Path) -> None:
    def db(*words: str) -> tuple[int, str]:
        with goviral(tmp_path, "db", *words) as command:
            return command.end(), command.text

    assert db("current")[0] == 1
    code, said = db("upgrade")
    assert (code, "The database is at 0" in said) == (0, True)
    assert db("reseal") == (0, "0 sealed anew, 0 were.\n")
    code, said = db("key")
    assert (code, "There is no administrator" in said) == (2, True)
    assert db("downgrade", "base") == (0, "The database is at base.\n")


def logged(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def children_of(pid: int) -> dict[str, int]:
    """Name → process id, as `/proc` knows them."""
    found = {}
    for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        words = Path(f"/proc/{line}/cmdline").read_bytes().decode().split("\0")
        if "--supervised" in words:
            found[words[words.index("goviral.entrypoints.cli.main") + 1]] = int(line)
    return found


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "\nState:\tZ" not in status.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
