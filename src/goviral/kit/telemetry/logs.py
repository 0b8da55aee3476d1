"""One form for every line that is logged, ours and the libraries': fields, ids, no secrets.

On a terminal a line to read, elsewhere one JSON object a line. All goes through the standard library's
loggers, so code below asks `logging.getLogger(__name__)` and knows nothing of this.
"""

import contextvars
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

from goviral.kit.request_id import request_id
from goviral.kit.telemetry.redaction import redact_fields

Format = Literal["auto", "json", "text"]
job_id: contextvars.ContextVar[str] = contextvars.ContextVar("job_id", default="")
"""The job at hand; set around each try."""

_QUIET = (
    "uvicorn.error",
    "uvicorn.access",
    "alembic",
    "celery",
    "kombu",
    "amqp",
    "httpx2",
    "httpcore2",
)
_Fields = MutableMapping[str, Any]


def start_logging(
    level: str = "INFO",
    format_: Format = "auto",
    *,
    process: str = "",
    out: TextIO | None = None,
) -> None:
    """Send everything that is logged in this process to `out` (standard error).

    `process` ("worker") is a field of every line, where it is given.
    """
    out = out or sys.stderr
    as_json = format_ == "json" or (format_ == "auto" and not out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        _formatter(as_json=as_json, colors=not as_json and out.isatty(), process=process)
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(logging.WARNING, logging.getLevelName(level)))
    logging.captureWarnings(True)


def _formatter(*, as_json: bool, colors: bool, process: str) -> logging.Formatter:
    first: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_ids(process),
    ]
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        last += [
            structlog.processors.format_exc_info,
            _redacted,
            structlog.processors.JSONRenderer(),
        ]
    else:
        last += [
            structlog.processors.format_exc_info,
            _redacted,
            structlog.dev.ConsoleRenderer(colors=colors),
        ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=first, processors=last)


def _with_ids(process: str) -> Any:
    fixed = {"process": process} if process else {}

    def add(_logger: Any, _method: str, fields: _Fields) -> _Fields:
        for name, value in (("request_id", request_id.get()), ("job_id", job_id.get())):
            if value:
                fields.setdefault(name, value)
        fields.update(fixed)
        return fields

    return add


def _redacted(_logger: Any, _method: str, fields: _Fields) -> _Fields:
    return redact_fields(fields)
