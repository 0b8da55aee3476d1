"""The worker from the command line, in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from goviral.engine.transcripts.document import Sentence, Transcript
from goviral.entrypoints.runpod import __main__ as worker_main
from goviral.entrypoints.runpod.media import MediaToTranscript
from goviral.kit.errors import InputError
from goviral.kit.http import HttpClient
from goviral.kit.settings import Settings
from goviral.kit.urls import UrlPolicy
from twins.http_server import LocalServer, Reply
from twins.talks import make_talk, payload_of

JOB = {"input": {"transcript": payload_of(make_talk(60))}, "id": "here"}
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "GOVIRAL_OFFLINE": "1", "HOME": "/tmp"}


def test_one_job_is_run_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "job.json").write_text(json.dumps(JOB), encoding="utf-8")
    assert worker_main.main(["--input", str(tmp_path / "job.json")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["event"] == "started"
    assert lines[-1]["job_id"] == "here"
    assert lines[-1]["moments"]


def test_a_bare_payload_is_a_job_and_a_bad_one_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "job.json").write_text("{}", encoding="utf-8")
    assert worker_main.main(["--input", str(tmp_path / "job.json")]) == 1
    assert "error" in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("flags", [[], ["--serve"]])
def test_without_the_package_the_stub_answers(flags: list[str]) -> None:
    child = subprocess.Popen(
        [sys.executable, "-m", "goviral.entrypoints.runpod", *flags, "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    try:
        assert child.stderr is not None
        line = child.stderr.readline()
        url = line.split()[-1]
        http = HttpClient(UrlPolicy(allow_private=True))
        body = json.dumps({"input": {**JOB["input"], "job_id": "x"}}).encode()
        told = json.loads(http.send("POST", url, content=body).body)
    finally:
        child.kill()
        child.communicate()
    assert told["status"] == "COMPLETED"
    assert told["output"][-1]["job_id"] == "x"


PACKAGE = """
import inspect, json, pathlib, sys
class serverless:
    told = []
    @staticmethod
    def progress_update(job, event):
        serverless.told.append(event)
    @staticmethod
    def start(config):
        assert inspect.isgeneratorfunction(config["handler"])
        assert config["return_aggregate_stream"]
        assert sys.argv[1:] == ["--rp_log_level", "INFO"]
        job = json.loads(pathlib.Path(sys.argv[0]).read_text())
        serverless.output = list(config["handler"](job))
"""


def test_with_the_package_it_takes_the_platforms_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A twin of the package: it knows generators by their function and hands on its own flags."""
    (tmp_path / "runpod.py").write_text(PACKAGE, encoding="utf-8")
    (tmp_path / "job.json").write_text(json.dumps(JOB), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "job.json")])
    assert worker_main.main(["--serve", "--rp_log_level", "INFO"]) == 0
    package = sys.modules.pop("runpod")
    assert package.serverless.told == package.serverless.output[:-1]
    assert package.serverless.output[-1]["job_id"] == "here"
    assert package.serverless.output[-1]["metadata"]["runpod_job_id"] == "here"


class TestMedia:
    def prepare(
        self, payload: dict[str, Any], recognised: Transcript | None = None
    ) -> dict[str, Any]:
        settings = Settings.model_validate(
            {"GOVIRAL_ALLOW_PRIVATE_URLS": True, "GOVIRAL_DOWNLOAD_TIMEOUT_S": 5}
        )

        def recognise(path: Path, language: str | None) -> Transcript:
            assert path.is_file()
            assert recognised is not None
            return recognised

        return MediaToTranscript(settings, recognise)(payload, lambda *_: None)

    def test_a_job_with_a_transcript_is_left_alone(self) -> None:
        payload = {"transcript": {"words": []}, "media_url": "https://a/b"}
        assert self.prepare(payload) is payload
        assert self.prepare({"x": 1}) == {"x": 1}

    def test_speech_is_recognised_where_there_are_no_captions(self) -> None:
        spoken = Transcript((Sentence(0, "Hello.", 0, 900, "A"),), (), "en", "made")
        film = Reply(200, b"\0" * 2000, {"Content-Type": "video/mp4"})
        with LocalServer(lambda _: film) as server:
            told = self.prepare({"media_url": f"{server.url}/talk.mp4"}, spoken)
        assert told["transcript"]["sentences"][0]["text"] == "Hello."
        assert told["metadata"]["title"] == "talk"

    def test_captions_of_the_page_are_taken_first(self) -> None:
        pages = {
            "/page": Reply(
                200,
                b"<html><title>T</title><video src='/a.mp4'><track kind='captions' src='/a.vtt'"
                b" srclang='en'></video></html>",
                {"Content-Type": "text/html"},
            ),
            "/a.mp4": Reply(200, b"\0" * 2000, {"Content-Type": "video/mp4"}),
            "/a.vtt": Reply(
                200,
                b"WEBVTT\n\n00:00.000 --> 00:02.000\nHello there, my friends.\n",
                {"Content-Type": "text/vtt"},
            ),
        }
        with LocalServer(lambda request: pages.get(request.path, Reply(404))) as server:
            told = self.prepare({"videoUrl": f"{server.url}/page", "metadata": {"title": "Mine"}})
        assert told["transcript"]["sentences"][0]["text"] == "Hello there, my friends."
        assert told["metadata"]["title"] == "Mine"

    def test_an_address_that_is_none_is_bad_input(self) -> None:
        with pytest.raises(InputError):
            self.prepare({"media_url": 5})


def test_whether_a_gpu_is_used_is_told_by_every_machine() -> None:
    assert isinstance(worker_main.gpu_used(), bool)
