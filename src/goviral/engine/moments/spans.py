"""Spans that a user chose, as a JSON file."""

from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from goviral.kit.errors import InputError, NotFoundError
from goviral.kit.timecode import Span

_REMEDY = 'Write a list: [{"start_ms": 65000, "end_ms": 120000}].'


class ChosenSpan(BaseModel):
    """One span in milliseconds, snake_case or camelCase; other fields are passed over."""

    model_config = ConfigDict(extra="ignore")

    start_ms: Annotated[int, Field(ge=0, validation_alias=AliasChoices("start_ms", "startMs"))]
    end_ms: Annotated[int, Field(ge=0, validation_alias=AliasChoices("end_ms", "endMs"))]


class ChosenSpans(BaseModel):
    """What `goviral moments --json` prints is read too."""

    moments: list[ChosenSpan]


def read_spans(path: Path) -> tuple[Span, ...]:
    """The spans of a file, in its order: a list, or `{"moments": [...]}`.

    Raises `NotFoundError`, and `InputError` that names the entry at fault.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no file {path}.", remedy="Check the path.") from error
    try:
        chosen = _READER.validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, fault["loc"])) or path.name
        raise InputError(
            f"The spans are broken at {where}: {fault['msg']}.", remedy=_REMEDY
        ) from error
    listed = chosen.moments if isinstance(chosen, ChosenSpans) else chosen
    return tuple(Span(span.start_ms, span.end_ms) for span in listed)


_READER: TypeAdapter[list[ChosenSpan] | ChosenSpans] = TypeAdapter(list[ChosenSpan] | ChosenSpans)
