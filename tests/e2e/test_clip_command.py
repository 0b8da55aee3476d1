"""The main job through the command line, on small films with known words."""

import json
import signal
import subprocess
import sys
import time

import av
import pytest

from e2e.films import film, said

pytestmark = pytest.mark.e2e
SHORT = ("--min", "5", "--max", "9", "--count", "1")


def events_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


class TestClip:
    def test_a_clip_is_what_was_promised(self, goviral, tmp_path):
        source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
        ran = goviral("clip", source, "--transcript", words, *SHORT, "--out", tmp_path / "out")
        assert ran.code == 0, ran.err
        folder = tmp_path / "out" / "talk"
        (video,) = folder.glob("01-*.mp4")
        plan = json.loads(video.with_suffix(".plan.json").read_text())
        with av.open(str(video)) as container:
            picture, sound = container.streams.video[0], container.streams.audio[0]
            assert (picture.width, picture.height) == (1080, 1920)
            assert picture.codec_context.name == "h264"
            assert sound.codec_context.name == "aac"
            assert sound.codec_context.sample_rate == 48_000
            assert plan["span"]["start_ms"] <= 100
            seconds = (plan["span"]["end_ms"] - plan["span"]["start_ms"]) / 1000
            assert abs(float(picture.duration * picture.time_base) - seconds) <= 0.04
        assert video.with_suffix(".jpg").stat().st_size <= 2_000_000

    def test_the_second_run_reuses_everything(self, goviral, tmp_path):
        source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
        arguments = ("clip", source, "--transcript", words, *SHORT, "--out", tmp_path / "out")
        goviral(*arguments)
        (video,) = (tmp_path / "out" / "talk").glob("01-*.mp4")
        before = video.stat().st_mtime_ns
        ran = goviral(*arguments, "--json")
        assert video.stat().st_mtime_ns == before
        done = events_of(ran.out)[-1]
        assert done["event"] == "run.finished"
        assert [clip["reused"] for clip in done["clips"]] == [True]

    def test_json_tells_every_stage_in_order(self, goviral, tmp_path):
        source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
        ran = goviral(
            "clip", source, "--transcript", words, *SHORT, "--out", tmp_path / "out", "--json"
        )
        started = [e["stage"] for e in events_of(ran.out) if e["event"] == "stage.started"]
        assert started == ["probe", "transcribe", "listen", "moments", "clips"]
        assert ran.err == ""

    def test_interrupting_leaves_nothing_half_and_the_next_run_goes_on(self, tmp_path):
        source, words = (
            film(tmp_path / "talk.mp4", seconds=18),
            said(tmp_path / "s.json", seconds=18),
        )
        out = tmp_path / "out"
        command = [sys.executable, "-m", "goviral.entrypoints.cli.main", "clip", str(source)]
        command += ["--transcript", str(words), "--min", "12", "--max", "17", "--out", str(out)]
        child = subprocess.Popen(
            [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for line in child.stdout:
            if '"stage.progressed"' in line and '"clips"' in line:
                break
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        _, told = child.communicate(timeout=300)
        assert child.returncode == 130, told
        assert "Run the same command again" in told
        assert list((out / "talk").glob("*.mp4")) == []
        again = subprocess.run(command, check=False, capture_output=True, text=True)
        assert again.returncode == 0, again.stderr
        assert "known already" in again.stderr
        assert len(list((out / "talk").glob("01-*.mp4"))) == 1


class TestRender:
    def test_an_edited_plan_renders_without_the_moments(self, goviral, tmp_path):
        source, words = film(tmp_path / "talk.mp4"), said(tmp_path / "said.json")
        goviral("clip", source, "--transcript", words, *SHORT, "--out", tmp_path / "out")
        (path,) = (tmp_path / "out" / "talk").glob("*.plan.json")
        plan = json.loads(path.read_text())
        plan["span"]["end_ms"] = plan["span"]["start_ms"] + 3000
        plan["shots"] = [
            {
                **plan["shots"][0],
                "span": {"start_ms": 0, "end_ms": 3000},
                "path": plan["shots"][0]["path"][:1],
            }
        ]
        plan["captions"] = None
        edited = tmp_path / "edited.plan.json"
        edited.write_text(json.dumps(plan))
        ran = goviral("render", edited, "--out", tmp_path / "edited.mp4")
        assert ran.code == 0, ran.err
        with av.open(str(tmp_path / "edited.mp4")) as container:
            assert abs(container.duration / 1_000_000 - 3.0) < 0.08

    def test_a_plan_that_is_none_is_refused(self, goviral, tmp_path):
        path = tmp_path / "x.plan.json"
        path.write_text("{}")
        ran = goviral("render", path)
        assert ran.code == 2
        assert "plan" in ran.complaint


class TestMoments:
    def test_the_json_is_the_documented_one(self, goviral, tmp_path):
        ran = goviral("moments", said(tmp_path / "said.json"), "--min", "5", "--max", "9", "--json")
        (moment,) = json.loads(ran.out)["moments"]
        assert {"start_ms", "end_ms", "score", "title", "hook", "quote", "reasons"} <= set(moment)

    def test_people_get_a_line_a_moment(self, goviral, tmp_path):
        ran = goviral("moments", said(tmp_path / "said.json"), "--min", "5", "--max", "9")
        assert len(ran.out.splitlines()) == 1


def test_transcribe_with_a_sidecar_writes_all_three_forms(goviral, tmp_path):
    source = film(tmp_path / "talk.mp4", seconds=3)
    source.with_suffix(".srt").write_text(
        "1\n00:00:00,100 --> 00:00:02,900\nHello there, friend.\n"
    )
    ran = goviral("transcribe", source, "--out", tmp_path / "words")
    assert ran.code == 0, ran.err
    written = sorted(path.suffix for path in (tmp_path / "words").iterdir())
    assert written == [".json", ".srt", ".vtt"]


def test_the_doctor_finds_what_a_clip_needs(goviral):
    ran = goviral("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(ran.out)["checks"]}
    assert ran.code == 0
    assert checks["ffmpeg"]["state"] == "ok"
    assert checks["speech: pocketsphinx"]["state"] == "ok"
    for check in checks.values():
        assert check["state"] == "ok" or check["remedy"] or "offline" in check["found"], check


def test_bad_use_is_exit_2(goviral):
    assert goviral("clip").code == 2
    assert goviral("dance").code == 2


def test_help_names_every_command(goviral):
    ran = goviral("--help")
    assert ran.code == 0
    for command in ("clip", "transcribe", "moments", "render", "doctor"):
        assert command in ran.out
