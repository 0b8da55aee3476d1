"""A job with a model: what we cost besides the calls, and whether the calls really run side by side."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import sources
from bench.figure import Figure
from goviral.engine.llm.clients.openai_compatible import OpenAiCompatibleClient
from goviral.engine.moments.contract import ServiceResult, parse_request
from goviral.engine.moments.processor import Services, process
from goviral.kit.settings import LlmSettings, MomentSettings, Settings

LATENCY_S = 4.0
CONCURRENCY = 4
# Twenty chunks: no thread waits for another in the last round, so the ratio is about us alone.
SECONDS = 8_100


def measure(folder: Path) -> list[Figure]:
    """Latency and concurrency as in real use; the first call is made before, to load the SDK."""
    path = folder / "talk-with-key.json"
    sources.transcript(path, SECONDS)
    payload = json.loads(path.read_text(encoding="utf-8"))
    with model_server(LATENCY_S) as url:
        run(payload, url, seconds=60)
        cpu, wall = time.process_time(), time.monotonic()
        result = run(payload, url)
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    ideal = result.total_chunks * LATENCY_S / CONCURRENCY
    in_calls = sum(run.latency_ms for run in result.metadata.model_runs) / 1000 / CONCURRENCY
    tokens = result.metadata.token_use
    return [
        Figure(f"with a key, {result.total_chunks} calls of {LATENCY_S:g} s, wall", wall, "s"),
        Figure("with a key, wall / (calls x latency / concurrency)", wall / ideal, "", 1.15),
        Figure("with a key, share of wall besides the calls", 1 - in_calls / wall, "", 0.02),
        Figure("with a key, our CPU / wall", cpu / wall),
        Figure("with a key, tokens an hour of talk (4 characters each)", tokens.tokens_per_hour),
    ]


def run(payload: dict[str, object], url: str, seconds: int | None = None) -> ServiceResult:
    """One job over the payload's talk, or its first `seconds`."""
    settings = Settings(
        llm=LlmSettings.model_validate({"api_key": "none", "base_url": url}),
        moments=MomentSettings.model_validate({"MAX_CONCURRENCY": CONCURRENCY}),
    )
    transcript = payload
    if seconds is not None:
        transcript = {"sentences": payload["sentences"][: seconds // 5]}  # type: ignore[index]
    request = parse_request({"job_id": "bench", "transcript": transcript})
    client = OpenAiCompatibleClient("bench", api_key="none", base_url=url)
    return process(request, Services(settings, lambda *_: client))


@contextmanager
def model_server(latency_s: float) -> Iterator[str]:
    """The address of a model that answers after `latency_s`."""
    command = [sys.executable, "-m", "bench.model_server", str(latency_s)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.communicate()
