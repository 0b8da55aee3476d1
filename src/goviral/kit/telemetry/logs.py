"""One form for every line that is logged, ours and the libraries': fields, ids, no secrets.

On a terminal a line to read, elsewhere one JSON object a line. All goes through the standard library's
loggers, so code below asks `logging.getLogger(__name__)` and knows nothing of this.
"""

import contextvars
import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, Literal, TextIO

import structlog
from typing_extensions import override

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
    kind = _JsonLines if as_json else structlog.stdlib.ProcessorFormatter
    formatter = kind(foreign_pre_chain=first, processors=last)
    if isinstance(formatter, _JsonLines):
        formatter.ids = _with_ids(process)
    return formatter


_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


class _JsonLines(structlog.stdlib.ProcessorFormatter):
    """The same line in one go where it is plain text and fields.

    Each request writes one; through the chain of processors that took an eighth of a reading one's time.
    """

    ids: Any

    @override
    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.stack_info or not isinstance(record.msg, str):
            return str(super().format(record))
        fields = {k: v for k, v in vars(record).items() if k not in _OF_EVERY_RECORD}
        told = redact_fields(self.ids(None, "", {"event": record.getMessage(), **fields}))
        told["level"] = record.levelname.lower()
        told["logger"] = record.name
        at = datetime.fromtimestamp(record.created, UTC)
        told["timestamp"] = at.isoformat().replace("+00:00", "Z")
        return json.dumps(told)


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
