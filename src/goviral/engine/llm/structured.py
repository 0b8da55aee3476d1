"""Answers of a fixed shape: asked for by schema, checked, repaired once at most."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from goviral.engine.llm.client import LlmAnswer, LlmClient, LlmRequest, Message, Usage, never
from goviral.engine.llm.errors import LlmError, MalformedError, RefusedError, TruncatedError
from goviral.engine.llm.runs import Budget, ModelRun, RunLog
from goviral.kit.errors import AppError
from goviral.kit.files import fingerprint

Shape = TypeVar("Shape", bound=BaseModel)

_FENCE = re.compile(r"^\s*```[a-zA-Z]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)
_THOUGHT = re.compile(r"^\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_REFUSAL = re.compile(
    r"(?i)\b(i['’]?m sorry|i am sorry|i can(?:no|['’])t|i am unable|i['’]?m unable|i won['’]?t)\b"
)
_KEPT_BACK = 600
_TOO_LONG = "It was cut off: it is too long. Give at most half as many items, and shorter texts."
_DROPPED_KEYWORDS = frozenset(
    ("title", "default", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question. `version` is raised whenever its wording changes; `hash` is of the wording itself."""

    name: str
    version: str
    system: str
    user: str

    @property
    def hash(self) -> str:
        """Of the fixed part only: the same prompt over another text is the same prompt."""
        return fingerprint(self.name, self.version, self.system)


@dataclass
class Asking:
    """How questions of one job are asked: the client, its limits, and where runs are written down."""

    client: LlmClient
    temperature: float = 0.25
    max_output_tokens: int = 1800
    timeout_s: float = 60.0
    log: RunLog = field(default_factory=RunLog)
    budget: Budget = field(default_factory=Budget)
    cancelled: Callable[[], bool] = never


@dataclass(frozen=True, slots=True)
class Asked(Generic[Shape]):
    """An answer; `cut_off` where only its whole items could be kept."""

    value: Shape
    cut_off: bool = False


def ask(
    asking: Asking, prompt: Prompt, shape: type[Shape], *, list_field: str | None = None
) -> Asked[Shape]:
    """The model's answer as `shape`.

    An answer that does not fit is sent back once with what is wrong; one that was cut off is asked for
    once more, shorter, unless `list_field` names a list in `shape` of which whole items arrived: then
    those are the answer. Raises the errors of `llm.errors` and `CancelledError`.
    """
    request = _request(asking, prompt, shape)
    answer = _call(asking, prompt, request)
    found = _judge(answer, shape, list_field)
    if isinstance(found, str):
        answer = _call(asking, prompt, _repair_request(request, answer, found))
        found = _judge(answer, shape, list_field)
    if isinstance(found, str):
        raise _final(answer, found)
    return found


def whole_items(text: str, shape: type[Shape], list_field: str) -> Shape | None:
    """The shape with those items that the cut left whole; None where there is none."""
    try:
        partial = from_json(_unwrapped(text), allow_partial=True)
        items = list(partial[list_field]) if isinstance(partial, Mapping) else []
    except (ValueError, KeyError, TypeError):
        return None
    # The cut may have fallen into the last item in a way that leaves it valid: a shorter string.
    whole = [item for item in items[:-1] if _fits({list_field: [item]}, shape)]
    return shape.model_validate({list_field: whole}) if whole else None


@cache
def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of `shape` in the subset that strict structured output takes.

    Every property required, no others allowed; limits and defaults left out, because endpoints differ
    in which they know. `shape` itself checks them.
    """
    schema = _strict(shape.model_json_schema())
    assert isinstance(schema, dict)
    return schema


def _strict(node: Any) -> Any:
    if isinstance(node, list):
        return [_strict(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "properties" in node:
        properties = {name: _strict(value) for name, value in node["properties"].items()}
        rest = {k: _strict(v) for k, v in node.items() if k not in ("properties", "required")}
        return {
            **{k: v for k, v in rest.items() if k not in _DROPPED_KEYWORDS},
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    return {k: _strict(v) for k, v in node.items() if k not in _DROPPED_KEYWORDS}


def _request(asking: Asking, prompt: Prompt, shape: type[BaseModel]) -> LlmRequest:
    return LlmRequest(
        messages=(Message("system", prompt.system), Message("user", prompt.user)),
        schema=strict_schema(shape),
        schema_name=prompt.name,
        temperature=asking.temperature,
        max_output_tokens=asking.max_output_tokens,
        timeout_s=asking.timeout_s,
    )


def _call(asking: Asking, prompt: Prompt, request: LlmRequest) -> LlmAnswer:
    reserved = _worst_case_tokens(request)
    asking.budget.reserve(reserved)
    started = time.monotonic()
    used = Usage()
    try:
        answer = asking.client.complete(request, asking.cancelled)
        used = answer.usage
    except AppError as error:
        attempts = error.attempts if isinstance(error, LlmError) else 1
        unanswered = LlmAnswer("", attempts=attempts)
        asking.log.add(_run(asking, prompt, started, unanswered, error.code))
        raise
    finally:
        asking.budget.settle(reserved, used.total)
    asking.log.add(_run(asking, prompt, started, answer, "ok"))
    return answer


def _run(
    asking: Asking, prompt: Prompt, started: float, answer: LlmAnswer, outcome: str
) -> ModelRun:
    return ModelRun(
        model=answer.model or asking.client.model,
        prompt_name=prompt.name,
        prompt_version=prompt.version,
        prompt_hash=prompt.hash,
        latency_ms=round((time.monotonic() - started) * 1000),
        usage=answer.usage,
        attempts=answer.attempts,
        outcome=outcome,
        request_id=answer.request_id,
        provider=asking.client.provider,
    )


def _worst_case_tokens(request: LlmRequest) -> int:
    """About four characters a token in English; other scripts take more, hence three."""
    return sum(len(m.text) for m in request.messages) // 3 + request.max_output_tokens


def _judge(answer: LlmAnswer, shape: type[Shape], list_field: str | None) -> Asked[Shape] | str:
    """The parsed answer, or what is wrong with it in words that a model understands."""
    text = _unwrapped(answer.text)
    if "{" not in text and _REFUSAL.search(text):
        raise RefusedError("The model refuses to speak about this text.")
    if answer.finish == "length":
        kept = whole_items(text, shape, list_field) if list_field else None
        return Asked(kept, cut_off=True) if kept is not None else _TOO_LONG
    try:
        return Asked(shape.model_validate_json(text))
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        lines = [f"{'.'.join(map(str, f['loc'])) or 'answer'}: {f['msg']}" for f in faults[:5]]
        return "It is not what was asked for:\n" + "\n".join(lines)


def _unwrapped(text: str) -> str:
    """The JSON inside what models put around it: thoughts, fences, a sentence before."""
    text = _THOUGHT.sub("", text, count=1)
    fenced = _FENCE.match(text)
    text = fenced.group(1) if fenced else text.strip()
    start = text.find("{")
    return text[start:] if start > 0 and not text.startswith("[") else text


def _repair_request(request: LlmRequest, answer: LlmAnswer, fault: str) -> LlmRequest:
    """The same question with the bad answer and its fault; only the answer's beginning is sent back."""
    said = answer.text[:_KEPT_BACK] or "(nothing)"
    plea = (
        f"{fault}\nAnswer the same question again, with JSON of the given schema and nothing else."
    )
    turns = (Message("assistant", said), Message("user", plea))
    return replace(request, messages=(*request.messages, *turns))


def _final(answer: LlmAnswer, fault: str) -> AppError:
    if answer.finish == "length":
        return TruncatedError(
            "The model's answer does not fit into its token limit.",
            remedy="Raise OPENAI_MAX_OUTPUT_TOKENS or shorten CHUNK_DURATION_MS.",
        )
    first = fault.split("\n")[-1][:200]
    return MalformedError(
        f"The model's answer is not the JSON that was asked for ({first}).",
        remedy="Try again, or use another model.",
    )


def _fits(value: Mapping[str, Any], shape: type[BaseModel]) -> bool:
    try:
        shape.model_validate(value)
    except ValidationError:
        return False
    return True
