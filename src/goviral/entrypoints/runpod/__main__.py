"""`python -m goviral.entrypoints.runpod`: the serverless worker, or its stub on this machine.

With `--serve` and the runpod package the worker takes jobs from RunPod. Without either, the same handler
answers on http://127.0.0.1:8000. `--input FILE` runs one job and prints what it yields.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from goviral.engine.moments.handler import ProgressUpdate, Worker
from goviral.engine.moments.processor import Services
from goviral.entrypoints.runpod.media import MediaToTranscript, recogniser
from goviral.entrypoints.runpod.stub import LocalStub
from goviral.kit.settings import Settings, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m goviral.entrypoints.runpod")
    parser.add_argument("--serve", action="store_true", help="take jobs from RunPod")
    parser.add_argument("--host", default="127.0.0.1", help="of the stub")
    parser.add_argument("--port", type=int, default=8000, help="of the stub")
    parser.add_argument("--input", type=Path, help="run the job in this JSON file and print it")
    given, rest = parser.parse_known_args(arguments)
    settings = load_settings()
    if given.input is not None:
        return _run_once(given.input, settings)
    if given.serve and _serve(settings, rest):
        return 0
    stub = LocalStub(make_worker(settings), given.host, given.port)
    print(f"Answering on {stub.url}/runsync", file=sys.stderr)  # noqa: T201  says where it is
    try:
        stub.serve_forever()
    except KeyboardInterrupt:
        return 130
    return 0


def make_worker(settings: Settings, progress_update: ProgressUpdate = lambda *_: None) -> Worker:
    """The worker as it runs everywhere: transcripts as they come, media fetched and recognised."""
    prepare = MediaToTranscript(settings, recogniser(settings))
    return Worker(Services(settings), progress_update, gpu_used, prepare)


def gpu_used() -> bool:
    """Whether speech is recognised on a GPU here; moments alone never need one."""
    try:
        import ctranslate2
    except ImportError:
        return False
    return bool(ctranslate2.get_cuda_device_count() > 0)


def _serve(settings: Settings, rest: Sequence[str]) -> bool:
    """Take jobs until stopped; False where the runpod package is not installed."""
    try:
        import runpod
    except ImportError:
        return False
    worker = make_worker(settings, runpod.serverless.progress_update)

    def handler(job: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        # A function: the package recognises generators by `inspect.isgeneratorfunction`.
        yield from worker(job)

    sys.argv = [sys.argv[0], *rest]
    runpod.serverless.start({"handler": handler, "return_aggregate_stream": True})
    return True


def _run_once(path: Path, settings: Settings) -> int:
    payload = json.loads(path.read_text(encoding="utf-8"))
    job = payload if "input" in payload else {"id": "local", "input": payload}
    last: dict[str, Any] = {}
    for last in make_worker(settings)(job):
        print(json.dumps(last, ensure_ascii=False))  # noqa: T201  standard output is the result
    return 1 if last.get("error") else 0


if __name__ == "__main__":
    sys.exit(main())
