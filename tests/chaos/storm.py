"""Jobs under blows: what was accepted, what happened, what was said of it, and whether these agree."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from chaos.child import TASK
from chaos.effects import Effects
from chaos.place import Child, Place
from chaos.rows import groups_at_work, jobs_of
from goviral.kit.db.database import normal_url
from goviral.kit.errors import DiskFullError

DONE = ("succeeded", "dead", "cancelled")
_WITHOUT_LEASE_S = 60.0
_CLIENTS = 4
_BUSY_S = 8.0
_ORDER_S = 240.0


@dataclass
class Watched:
    """What was seen of the rows while it stormed."""

    looks: int = 0
    lies: list[str] = field(default_factory=list)
    longest_without_lease_s: float = 0.0


@dataclass
class Outcome:
    """What is told at the end."""

    size: str
    seed: int
    ordered: int = 0
    accepted: int = 0
    repeated_orders: int = 0
    rows: int = 0
    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    lies: list[str] = field(default_factory=list)
    replayed: int = 0
    died: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    blows: Counter[str] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    looks: int = 0
    longest_without_lease_s: float = 0.0
    took_s: float = 0.0

    @property
    def is_well(self) -> bool:
        return not (self.lost or self.twice or self.lies or self.of_no_room)

    @property
    def of_no_room(self) -> int:
        """Jobs that died because the disk was full for a while: they should have waited."""
        return self.died[DiskFullError.code]


class Storm:
    """One storm over one place, repeatable as far as processes are: by its seed."""

    def __init__(
        self,
        place: Place,
        effects: Effects,
        seed: int,
        *,
        jobs: int,
        blows: int,
        only: str | None = None,
    ) -> None:
        self.place = place
        self.effects = effects
        self.chance = random.Random(seed)
        self.outcome = Outcome("many" if place.postgres else "one", seed)
        self.keys = [f"{seed}-{number:04}" for number in range(jobs)]
        self.accepted: dict[str, str] = {}
        self.watched = Watched()
        self._blows = blows
        self._only = only
        self._over = threading.Event()
        self._pause_s = 0.0

    def rage(self, runs: list[str], *, pause_s: float, within_s: float) -> Outcome:
        """Order all jobs while blows fall, then wait until nothing waits or runs, then compare."""
        began_s = time.monotonic()
        self._pause_s = pause_s
        clients = [threading.Thread(target=self._order, args=(n,)) for n in range(_CLIENTS)]
        watcher = threading.Thread(target=self._watch)
        for thread in (*clients, watcher):
            thread.start()
        try:
            self._strike()
            for thread in clients:
                thread.join()
            self._settle(runs, within_s)
        finally:
            self._over.set()
            watcher.join()
        self._compare(runs)
        self.outcome.took_s = time.monotonic() - began_s
        return self.outcome

    def _order(self, number: int) -> None:
        for key in self.keys[number::_CLIENTS]:
            until = time.monotonic() + _ORDER_S
            while time.monotonic() < until:
                status, answer = self.place.call("POST", "/api/v1/chaos", {"key": key}, key)
                if status == 202:
                    self.accepted[key] = answer["job_id"]
                    break
                self.outcome.repeated_orders += 1
                time.sleep(0.2)
            time.sleep(self._pause_s)

    def _strike(self) -> None:
        kinds = {name: do for name, do in self._kinds().items() if self._only in (None, name)}
        first = list(kinds)
        self.chance.shuffle(first)
        for number in range(self._blows):
            name = first[number] if number < len(first) else self._any_of(kinds)
            time.sleep(self.chance.uniform(0.3, 2.0))
            kinds[name]()
            self.outcome.blows[name] += 1
        for child in self.place.children:
            child.start()

    def _any_of(self, kinds: dict[str, Callable[[], None]]) -> str:
        """Workers most often: it is they who are in the middle of something."""
        weights = [3 if "worker" in kind else 2 if "api" in kind else 1 for kind in kinds]
        return self.chance.choices(list(kinds), weights)[0]

    def _kinds(self) -> dict[str, Callable[[], None]]:
        place = self.place
        kinds = {
            "kill api": lambda: self._kill(place.of("api")),
            "kill worker": lambda: self._kill([self._busy_worker()]),
            "kill scheduler": lambda: self._kill(place.of("scheduler")),
            "kill relay": lambda: self._kill(place.of("relay")),
            "disk full": self._fill_disk,
        }
        cluster = place.postgres
        if cluster is not None:
            kinds |= {
                "flush redis": place.flush_redis,
                "restart postgresql": lambda: cluster.restart(self.chance.uniform(0.0, 2.0)),
                "kill one of a pool": self._kill_one,
            }
        return kinds

    def _fill_disk(self) -> None:
        """Where nothing else happens, until a job found it full: workers may still be starting."""
        engine = self.engine()
        asked = text("select count(*) from jobs where name = :name and attempts > 1")

        def met() -> bool:
            with suppress(SQLAlchemyError), engine.connect() as connection:
                return bool(connection.scalar(asked, {"name": TASK}))
            return False

        for_s = self.chance.uniform(0.5, 3.0)
        if self._only is None:
            self.place.fill_disk(for_s)
        else:
            self.place.fill_disk(for_s, met)
        engine.dispose()

    def _kill(self, children: list[Child]) -> None:
        child = self.chance.choice(children)
        child.kill()
        time.sleep(self.chance.uniform(0.0, 1.5))
        child.start()

    def _kill_one(self) -> None:
        self._busy_worker().kill_one(self.chance.random())

    def _busy_worker(self) -> Child:
        """One that is in the middle of a job, where there is one soon; killing idle ones proves little."""
        workers, engine = self.place.of("worker"), self.engine()
        until = time.monotonic() + _BUSY_S
        try:
            while time.monotonic() < until:
                with suppress(SQLAlchemyError):
                    groups = groups_at_work(engine)
                    busy = [child for child in workers if child.group in groups]
                    if busy:
                        return self.chance.choice(busy)
                time.sleep(0.05)
        finally:
            engine.dispose()
        return self.chance.choice(workers)

    def engine(self) -> Engine:
        url = self.place.env.get("DATABASE_URL") or f"sqlite:///{self.place.data / 'goviral.db'}"
        return create_engine(normal_url(url), pool_pre_ping=True)

    def _watch(self) -> None:
        engine = self.engine()
        while not self._over.wait(0.3):
            try:
                self._look(engine)
                self.watched.looks += 1
            except SQLAlchemyError:
                continue  # it is being restarted
        engine.dispose()

    def _look(self, engine: Engine) -> None:
        """Rows first, effects after: what is said to be done must have happened by then."""
        now = time.time()
        rows = jobs_of(engine)
        for job_id, name, state, key, lease_s in rows:
            if state == "running":
                without_s = now - lease_s
                worst = max(self.watched.longest_without_lease_s, without_s)
                self.watched.longest_without_lease_s = worst
                if without_s > _WITHOUT_LEASE_S:
                    self.watched.lies.append(f"{job_id} runs without a lease for {without_s:.0f} s")
            if state == "succeeded" and name == TASK and not self.effects.count(key):
                self.watched.lies.append(f"{job_id} succeeded, but nothing happened")

    def _settle(self, runs: list[str], within_s: float) -> None:
        """All is up again; what died of the blows is run anew, as an administrator would."""
        until = time.monotonic() + within_s
        self.place.until_up()
        engine = self.engine()
        while time.monotonic() < until:
            for child in self.place.children:
                child.start()
            states = {job_id: state for job_id, _, state, _, _ in jobs_of(engine)}
            dead = [job_id for job_id, state in states.items() if state == "dead"]
            for job_id in dead:
                self.outcome.died[self._why_dead(engine, job_id)] += 1
                status, _ = self.place.call("POST", f"/api/v1/admin/jobs/{job_id}/retry")
                self.outcome.replayed += status == 200
            waiting = [one for one in states.values() if one not in DONE]
            if not dead and not waiting and self._runs_are_over(runs):
                break
            time.sleep(0.5)
        engine.dispose()

    def _why_dead(self, engine: Engine, job_id: str) -> str:
        with engine.connect() as connection:
            asked = text("select error_code from jobs where id = :id")
            return str(connection.scalar(asked, {"id": job_id}))

    def _runs_are_over(self, runs: list[str]) -> bool:
        shown = [self.place.call("GET", f"/api/v1/pipeline/status/{run}")[1] for run in runs]
        return all(one.get("state") in ("succeeded", "failed", "cancelled") for one in shown)

    def _compare(self, runs: list[str]) -> None:
        out, engine = self.outcome, self.engine()
        rows = [row for row in jobs_of(engine) if row[1] == TASK]
        with engine.connect() as connection:
            tries = connection.execute(
                text("select attempts from jobs where name = :n"), {"n": TASK}
            )
            out.attempts = Counter(row[0] for row in tries)
        out.ordered, out.accepted, out.rows = len(self.keys), len(self.accepted), len(rows)
        out.states = Counter(state for _, _, state, _, _ in rows)
        happened = self.effects.all()
        ids = {job_id for job_id, *_ in rows}
        out.lost = [k for k in self.keys if k in self.accepted and not happened.get(k)]
        out.lost += [k for k, job_id in self.accepted.items() if job_id not in ids]
        out.lost += [k for k in self.keys if k not in self.accepted]
        out.lost += [f"{job_id} is {state}" for job_id, _, state, _, _ in rows if state not in DONE]
        out.twice = [key for key, count in happened.items() if count > 1]
        per_key = Counter(row[3] for row in rows)
        out.twice += [f"{key} is {count} jobs" for key, count in per_key.items() if count > 1]
        out.lies = list(dict.fromkeys(self.watched.lies))
        out.looks = self.watched.looks
        out.longest_without_lease_s = self.watched.longest_without_lease_s
        self._compare_runs(engine, runs)
        engine.dispose()

    def _compare_runs(self, engine: Engine, runs: list[str]) -> None:
        with engine.connect() as connection:
            asked = text(
                "select r.id, r.state, j.state, (select count(*) from pipeline_stages s where "
                "s.run_id = r.id and s.state = 'running') from pipeline_runs r join jobs j "
                "on j.id = r.job_id"
            )
            found = {row[0]: row[1:] for row in connection.execute(asked)}
        agree = {"succeeded": "succeeded", "failed": "dead", "cancelled": "cancelled"}
        for run in runs:
            if run not in found:
                self.outcome.lost.append(run)
                continue
            state, job_state, open_stages = found[run]
            self.outcome.runs[state] += 1
            if agree.get(state) != job_state or open_stages:
                self.outcome.lies.append(
                    f"{run} is {state}, its job {job_state}, {open_stages} open"
                )
