"""The harmless twins of a model: answers from files, or from a function."""

import json
from collections.abc import Callable
from pathlib import Path

from goviral.engine.llm.client import LlmAnswer, LlmClient, LlmRequest, Usage, never
from goviral.kit.errors import DependencyError
from goviral.kit.files import write_text


class RecordedClient:
    """Answers from `folder`, one file a request; asks `inner` for what is not there and keeps it."""

    def __init__(self, folder: Path, inner: LlmClient | None = None) -> None:
        self._folder = folder
        self._inner = inner

    @property
    def model(self) -> str:
        return self._inner.model if self._inner else "recorded"

    @property
    def provider(self) -> str:
        return self._inner.provider if self._inner else "recorded"

    def complete(self, request: LlmRequest, cancelled: Callable[[], bool] = never) -> LlmAnswer:
        """Raises `DependencyError` where nothing was recorded and nobody can be asked."""
        path = self._folder / f"{request.fingerprint}.json"
        if path.is_file():
            return _read(path)
        if self._inner is None:
            raise DependencyError(
                f"No answer is recorded as {path.name}.", remedy="Record it with a key first."
            )
        answer = self._inner.complete(request, cancelled)
        _write(path, answer)
        return answer


class ScriptedClient:
    """Answers by a function of the request: text, or a whole answer; it may raise. Keeps requests."""

    def __init__(
        self, script: Callable[[LlmRequest], str | LlmAnswer], model: str = "scripted"
    ) -> None:
        self._script = script
        self._model = model
        self.requests: list[LlmRequest] = []

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return "scripted"

    def complete(self, request: LlmRequest, cancelled: Callable[[], bool] = never) -> LlmAnswer:
        self.requests.append(request)
        answer = self._script(request)
        return answer if isinstance(answer, LlmAnswer) else LlmAnswer(answer, model=self._model)


def _read(path: Path) -> LlmAnswer:
    kept = json.loads(path.read_text(encoding="utf-8"))
    usage = Usage(kept["input_tokens"], kept["output_tokens"])
    return LlmAnswer(kept["text"], kept["finish"], kept["model"], usage)


def _write(path: Path, answer: LlmAnswer) -> None:
    kept = {
        "text": answer.text,
        "finish": answer.finish,
        "model": answer.model,
        "input_tokens": answer.usage.input_tokens,
        "output_tokens": answer.usage.output_tokens,
    }
    write_text(path, json.dumps(kept, ensure_ascii=False, indent=1) + "\n")
