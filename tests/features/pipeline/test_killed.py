"""kill -9 at every boundary of a run and in the middle of an encode: it goes on, and ends the same."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from select import select as select_ready

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from features.library.shelf import DEV, add_video
from features.pipeline.talk import SECONDS, spoken
from goviral.features.accounts.models import Usage
from goviral.features.accounts.services import Services
from goviral.features.library.models import Clip, Moment, Thumbnail, TranscriptRecord
from goviral.features.library.transcripts import save_transcript
from goviral.features.pipeline.models import Stage, StageRun, VideoLock
from goviral.kit.events.models import EventRow
from goviral.kit.jobs.models import Job
from twins.service import app_over, over, settings_in

_TESTS = Path(__file__).parents[2]
_KINDS = ("videos/", "clips/", "thumbnails/", "work/")
_LONGEST_S = 330.0
_SHORT = {"count": 1, "min_ms": 3000, "max_ms": 6000}


@dataclass(frozen=True)
class Made:
    """What a run left behind, without the ids that are new each time."""

    films: tuple[tuple[int, int, str | None], ...]
    stills: tuple[tuple[str, str, str], ...]
    moments: tuple[tuple[int, int, int], ...]
    transcripts: int
    told: tuple[tuple[str, int], ...]
    spent: int
    files: int


class Workers:
    """The process that workers are forked from."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log

    def work(self, folder: Path, where: str) -> int:
        """The exit code of one worker."""
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(f"{where} {folder}\n")
        asked.flush()
        assert select_ready([answers], [], [], _LONGEST_S)[0], "a worker hangs"
        code = int(answers.readline())
        assert code in (0, -signal.SIGKILL), self._log.read_text()[-2000:]
        return code


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    log = tmp_path_factory.mktemp("workers") / "log"
    command = [sys.executable, "-m", "features.pipeline.trouble"]
    with log.open("w") as stream:
        process = subprocess.Popen(
            command,
            cwd=_TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
    with process:
        yield Workers(process, log)
        process.kill()


class Yard:
    """A service in a folder whose workers are processes."""

    def __init__(self, folder: Path, services: Services, talk: bytes, workers: Workers) -> None:
        self.folder = folder
        self.workers = workers
        self.services = services
        self.given_up = 0
        self.client = TestClient(app_over(services), headers={"x-api-key": "dev-key"})
        video = add_video(services, talk, DEV, title="Money", duration_ms=SECONDS * 1000)
        save_transcript(services, DEV, video.id, spoken())
        answer = self.client.post(
            "/api/v1/pipeline/start", json={"video_id": video.id, "moments": _SHORT}
        )
        assert answer.status_code == 202, answer.text
        self.run_id = answer.json()["id"]

    def work(self, where: str = "never") -> int:
        """The exit code of one worker. One that was killed is known to be dead: its lease is over."""
        code = self.workers.work(self.folder, where)
        if code:
            with self.services.database.transaction() as session:
                held = update(Job).where(Job.state == "running")
                session.execute(held.values(lease_until=self.services.clock()))
        return code

    def work_on(self, where: str) -> int:
        """As `work`; where the run's tries are over, an administrator lets it run anew first."""
        with self.services.database.reading() as session:
            attempts = session.scalars(select(Job.attempts).where(Job.queue == "media")).one()
        if attempts == 3:
            assert self.work() == 0
            self.run_anew()
            self.given_up += 1
        return self.work(where)

    def history(self) -> dict[str, tuple[str, int]]:
        """State and tries of each stage."""
        with self.services.database.reading() as session:
            rows = session.scalars(select(StageRun).where(StageRun.run_id == self.run_id))
            return {row.stage: (row.state, row.attempts) for row in rows}

    def finished(self) -> set[Stage]:
        """Stages whose end is written."""
        ended = ("succeeded", "skipped")
        return {Stage(name) for name, (state, _) in self.history().items() if state in ended}

    def run_anew(self) -> None:
        """What an administrator does about a run that failed for good."""
        shown = self.client.get(f"/api/v1/pipeline/status/{self.run_id}").json()
        assert (shown["state"], shown["error_code"]) == ("failed", "worker_lost")
        job = self.client.post(f"/api/v1/admin/jobs/{shown['job_id']}/retry")
        assert job.status_code == 200, job.text

    def made(self) -> Made:
        services = self.services
        with services.database.reading() as session:
            clips = session.scalars(select(Clip)).all()
            moments = {row.id: row for row in session.scalars(select(Moment))}
            stills = session.scalars(select(Thumbnail)).all()
            told = session.scalars(select(EventRow.type)).all()
            found = [f for kind in _KINDS for f in services.store.list(kind)]
            return Made(
                films=tuple(
                    sorted(
                        (moments[c.moment_id].start_ms, moments[c.moment_id].end_ms, c.sha256)
                        for c in clips
                        if c.moment_id
                    )
                ),
                stills=tuple(sorted((s.style, s.aspect_ratio, self._hash(s.key)) for s in stills)),
                moments=tuple(sorted((m.start_ms, m.end_ms, m.rank) for m in moments.values())),
                transcripts=len(session.scalars(select(TranscriptRecord)).all()),
                told=tuple(
                    (kind, told.count(kind))
                    for kind in sorted(set(told))
                    if kind != "pipeline.stage"
                ),
                spent=sum(row.amount for row in session.scalars(select(Usage))),
                files=len(found),
            )

    def _hash(self, key: str) -> str:
        import hashlib

        return hashlib.sha256(b"".join(self.services.store.read(key))).hexdigest()

    def assert_ended_well(self) -> None:
        shown = self.client.get(f"/api/v1/pipeline/status/{self.run_id}").json()
        assert (shown["state"], shown["error_message"]) == ("succeeded", None)
        with self.services.database.reading() as session:
            job = session.get_one(Job, shown["job_id"])
            assert job.state == "succeeded"
            assert session.scalars(select(VideoLock)).all() == []


@pytest.fixture
def yard(tmp_path: Path, talk: bytes, workers: Workers) -> Iterator[Yard]:
    with over(settings_in(tmp_path)) as services:
        yield Yard(tmp_path, services, talk, workers)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, talk: bytes, workers: Workers) -> Made:
    folder = tmp_path_factory.mktemp("undisturbed")
    with over(settings_in(folder)) as services:
        made_in = Yard(folder, services, talk, workers)
        assert made_in.work() == 0
        made_in.assert_ended_well()
        return made_in.made()


_BOUNDARIES = [f"before:{stage}" for stage in Stage]
_ENDS = [f"after:{stage}" for stage in Stage]
_ENDS.insert(4, "encode")


@pytest.mark.slow
@pytest.mark.parametrize("places", [_BOUNDARIES, _ENDS], ids=["boundaries", "ends"])
def test_a_run_killed_again_and_again_goes_on_and_ends_as_one_that_never_was(
    yard: Yard, undisturbed: Made, places: list[str]
) -> None:
    for where in places:
        assert yard.work_on(where) == -signal.SIGKILL
        stage = Stage(where.partition(":")[2] or Stage.CLIPS)
        assert yard.finished() == set(list(Stage)[: list(Stage).index(stage)])
    assert yard.work_on("never") == 0
    yard.assert_ended_well()
    assert yard.made() == undisturbed
    assert yard.given_up == 2
