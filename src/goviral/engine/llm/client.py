"""What a language model is to us: messages and a schema in, text out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from goviral.kit.files import fingerprint


def never() -> bool:
    """The `cancelled` of work that nobody stops."""
    return False


@dataclass(frozen=True, slots=True)
class Message:
    """One turn. What a stranger wrote goes into `user` messages only."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class LlmRequest:
    """One call. `schema` is a JSON Schema in the strict subset (see `structured.strict_schema`)."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    schema_name: str
    temperature: float = 0.25
    max_output_tokens: int = 1800
    timeout_s: float = 60.0

    @property
    def fingerprint(self) -> str:
        """Names the same question the same way, whatever the time limit."""
        texts = [(message.role, message.text) for message in self.messages]
        return fingerprint(texts, dict(self.schema), self.temperature, self.max_output_tokens)


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them; 0 where it does not say."""

    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def total(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True, slots=True)
class LlmAnswer:
    """What came back. `finish` is "length" where the answer was cut off at the token limit."""

    text: str
    finish: Literal["stop", "length"] = "stop"
    model: str = ""
    usage: Usage = Usage()
    request_id: str | None = None
    attempts: int = 1


class LlmClient(Protocol):
    """A model that answers. Thread-safe; `complete` may be called by many threads at once."""

    @property
    def model(self) -> str:
        """Name of the model, as runs are recorded under."""

    @property
    def provider(self) -> str:
        """Who runs the model: `openai`, or the name of the endpoint's machine."""

    def complete(self, request: LlmRequest, cancelled: Callable[[], bool] = never) -> LlmAnswer:
        """One answer to one request.

        Raises the errors of `goviral.engine.llm.errors`, none other; `CancelledError` when
        `cancelled()` turned true while it waited to try again. A cut-off answer is returned.
        """
