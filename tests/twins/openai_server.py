"""A real HTTP server that plays the OpenAI chat completions API."""

import json
import threading
from collections.abc import Callable
from typing import Any

from twins.http_server import LocalServer, Reply, Request

JSON = {"Content-Type": "application/json", "x-request-id": "req-1"}


def completion(
    text: str | None, *, finish: str = "stop", refusal: str | None = None, delay_s: float = 0.0
) -> Reply:
    """A whole answer as the API sends it."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "played-model",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": text, "refusal": refusal},
            }
        ],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return Reply(200, json.dumps(body).encode(), JSON, delay_s=delay_s)


def failure(status: int, message: str, *, code: str | None = None, **headers: str) -> Reply:
    """An error as the API sends it."""
    body = {"error": {"message": message, "type": "error", "param": None, "code": code}}
    return Reply(status, json.dumps(body).encode(), {**JSON, **headers})


Answering = Callable[[dict[str, Any]], Reply]


class OpenAiServer(LocalServer):
    """`answering` gets each request's JSON. `calls` keeps them; `most_at_once` is the concurrency seen."""

    def __init__(self, answering: Answering) -> None:
        self.calls: list[dict[str, Any]] = []
        self.most_at_once = 0
        self._answering = answering
        self._at_once = 0
        self._counting = threading.Lock()
        super().__init__(self._play)

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def _play(self, request: Request) -> Reply:
        assert request.path == "/v1/chat/completions"
        call = json.loads(request.body)
        with self._counting:
            self.calls.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            reply = self._answering(call)
            self.closing.wait(reply.delay_s)
            return Reply(reply.status, reply.body, reply.headers, drip_s=reply.drip_s)
        finally:
            with self._counting:
                self._at_once -= 1


def in_turn(*replies: Reply) -> Answering:
    """The replies one after another, the last one for ever."""
    waiting = list(replies)
    lock = threading.Lock()

    def answer(call: dict[str, Any]) -> Reply:
        with lock:
            return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return answer
