"""Any endpoint that speaks OpenAI's chat completions, through its SDK.

The SDK's own retries are off: one retry layer only (`llm.resilient`). Endpoints differ in what they take,
so a request that is rejected for its form is sent again in a plainer one, and the form is remembered.
"""

import re
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from goviral.engine.llm.client import LlmAnswer, LlmRequest, Message, Usage, never
from goviral.engine.llm.errors import (
    KeyRejectedError,
    LlmError,
    MalformedError,
    RateLimitedError,
    RefusedError,
    RejectedError,
    ServerFailedError,
    TimedOutError,
    UnreachableError,
)
from goviral.engine.llm.redaction import redact
from goviral.kit.clock import utc_now
from goviral.kit.errors import AppError
from goviral.kit.retry import retry_after_s

if TYPE_CHECKING:
    import openai

_NO_KEY = "none"
_KEY_REMEDY = "Check OPENAI_API_KEY and the account's credit."


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an endpoint wants to be asked, plainest last: schema, any JSON, words only."""

    response_format: str = "json_schema"
    length_field: str = "max_tokens"
    takes_temperature: bool = True

    def plainer(self, complaint: str) -> "Dialect | None":
        """A form that avoids what the endpoint complains about; None: the form is not to blame."""
        if re.search(r"max_completion_tokens", complaint) and self.length_field == "max_tokens":
            return replace(self, length_field="max_completion_tokens")
        if re.search(r"temperature", complaint) and self.takes_temperature:
            return replace(self, takes_temperature=False)
        if not re.search(r"response_format|json_schema|json_object|structured", complaint):
            return None
        if self.response_format == "json_schema":
            return replace(self, response_format="json_object")
        if self.response_format == "json_object":
            return replace(self, response_format="text")
        return None


def provider_of(base_url: str | None) -> str:
    """Who answers there: the host, without what may be secret in an address."""
    if base_url is None:
        return "openai"
    return urlsplit(base_url).hostname or "unknown"


class OpenAiCompatibleClient:
    """A chat completions endpoint. `base_url` None is OpenAI itself; `api_key` None is an open one."""

    def __init__(self, model: str, *, api_key: str | None, base_url: str | None = None) -> None:
        self._model = model
        self._api_key = api_key
        self._base_url = base_url
        self._dialect = Dialect()
        self._lock = threading.Lock()
        self._sdk: openai.OpenAI | None = None

    @property
    def model(self) -> str:
        return self._model

    @property
    def provider(self) -> str:
        return provider_of(self._base_url)

    def complete(self, request: LlmRequest, cancelled: Callable[[], bool] = never) -> LlmAnswer:
        """One answer, one HTTP exchange (more while the endpoint's dialect is being learnt)."""
        import openai

        while True:
            dialect = self._dialect
            try:
                completion = self._connected(request.timeout_s).chat.completions.create(
                    **self._arguments(request, dialect)
                )
                return self._read(completion)
            except openai.BadRequestError as error:
                plainer = dialect.plainer(_complaint(error))
                if plainer is None:
                    raise self._named(error) from None
                self._dialect = plainer
            except (openai.OpenAIError, ValueError) as error:
                # The chain is cut: the SDK's errors hold the request with its key.
                raise self._named(error) from None

    def _connected(self, timeout_s: float) -> "openai.OpenAI":
        import openai

        from goviral.kit.http import trusted_client

        with self._lock:
            if self._sdk is None:
                http = trusted_client(timeout_s)
                # Connections are kept for the next call and closed with this client.
                weakref.finalize(self, http.close)
                self._sdk = openai.OpenAI(
                    api_key=self._api_key or _NO_KEY,
                    base_url=self._base_url,
                    max_retries=0,
                    http_client=http,
                )
            return self._sdk

    def _arguments(self, request: LlmRequest, dialect: Dialect) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": self._model,
            "messages": _messages(request, dialect),
            "timeout": request.timeout_s,
            dialect.length_field: request.max_output_tokens,
        }
        if dialect.takes_temperature:
            arguments["temperature"] = request.temperature
        if dialect.response_format == "json_schema":
            arguments["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": request.schema_name,
                    "schema": dict(request.schema),
                    "strict": True,
                },
            }
        elif dialect.response_format == "json_object":
            arguments["response_format"] = {"type": "json_object"}
        return arguments

    def _read(self, completion: Any) -> LlmAnswer:
        choices = getattr(completion, "choices", None) or [None]
        message = getattr(choices[0], "message", None)
        if message is None:
            raise MalformedError("The endpoint's answer has no message.")
        finish = getattr(choices[0], "finish_reason", None)
        if getattr(message, "refusal", None) or finish == "content_filter":
            raise RefusedError("The model refuses to speak about this text.")
        usage = getattr(completion, "usage", None)
        return LlmAnswer(
            text=message.content or "",
            finish="length" if finish == "length" else "stop",
            model=getattr(completion, "model", None) or self._model,
            usage=Usage(
                getattr(usage, "prompt_tokens", None) or 0,
                getattr(usage, "completion_tokens", None) or 0,
            ),
            request_id=getattr(completion, "_request_id", None),
        )

    def _named(self, error: Exception) -> AppError:
        import openai

        if isinstance(error, openai.APITimeoutError):
            return TimedOutError("The model did not answer in time.", remedy="Try again.")
        if isinstance(error, openai.APIConnectionError):
            return UnreachableError(
                "The model's endpoint cannot be reached.",
                remedy="Check OPENAI_BASE_URL and the network.",
            )
        if isinstance(error, openai.APIStatusError):
            return _by_status(error, redact(_complaint(error), [self._api_key])[:200])
        return MalformedError("The endpoint's answer cannot be read.")


def _messages(request: LlmRequest, dialect: Dialect) -> list[dict[str, str]]:
    """The turns; an endpoint that takes no schema is told it in words."""
    turns = list(request.messages)
    if dialect.response_format != "json_schema":
        import json

        told = "\n\nAnswer with one JSON object of this JSON Schema, nothing else:\n"
        schema = json.dumps(request.schema, ensure_ascii=False)
        turns[0] = Message(turns[0].role, turns[0].text + told + schema)
    return [{"role": turn.role, "content": turn.text} for turn in turns]


def _complaint(error: "openai.APIStatusError") -> str:
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or error.message)


def _by_status(error: "openai.APIStatusError", said: str) -> AppError:
    status = error.status_code
    if status == 429 and error.code == "insufficient_quota":
        return KeyRejectedError("The key has no credit left.", remedy=_KEY_REMEDY)
    if status == 429:
        asked = retry_after_s(error.response.headers.get("retry-after"), utc_now())
        return RateLimitedError(
            "The model's endpoint is asked too often.",
            remedy="Wait, or lower MAX_CONCURRENCY.",
            retry_after_s=asked,
        )
    if status in (401, 403):
        return KeyRejectedError(f"The key was not accepted ({status}).", remedy=_KEY_REMEDY)
    if status == 408:
        return TimedOutError("The model did not answer in time.", remedy="Try again.")
    if status >= 500:
        return ServerFailedError(
            f"The model's endpoint failed ({status}).", remedy="Try again later."
        )
    if status == 409:
        return LlmError(f"The model's endpoint is busy ({status}).", remedy="Try again later.")
    return RejectedError(
        f"The model's endpoint does not take the request ({status}): {said}",
        remedy="Check OPENAI_MODEL and OPENAI_BASE_URL.",
    )
