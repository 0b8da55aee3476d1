"""The id of the request at hand."""

import contextvars

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
"""Set by the API's edge; read by logs, the audit log and the answer's `x-request-id`."""
