"""How a model fails. Each failure is its own class, because each is handled differently.

RemoteError
└── LlmError                    retryable
    ├── RateLimitedError        wait `retry_after_s`, try again
    ├── TimedOutError           try again
    ├── UnreachableError        try again
    ├── ServerFailedError       try again (5xx)
    ├── CircuitOpenError        too many failures in a row: not even tried
    └── FinalLlmError           the same request fails again
        ├── RejectedError       the endpoint does not take the request (4xx)
        ├── RefusedError        the model will not speak about this text
        ├── TruncatedError      the answer does not fit into the token limit
        └── MalformedError      not the JSON that was asked for, after one repair
DependencyError
└── KeyRejectedError            the key is missing, wrong or without credit
ResourceError
└── BudgetSpentError            the job has spent the tokens it may
"""

from goviral.kit.errors import DependencyError, RemoteError, ResourceError


class LlmError(RemoteError):
    """The model's endpoint failed; the same call may work later. `attempts`: how often it was asked."""

    code = "llm_failed"
    attempts: int = 1


class RateLimitedError(LlmError):
    """Too many requests. `retry_after_s` as the endpoint asks, None where it does not say."""

    code = "llm_rate_limited"
    http_status = 429

    def __init__(
        self, message: str, *, remedy: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after_s = retry_after_s


class TimedOutError(LlmError):
    """No answer within the time limit."""

    code = "llm_timed_out"


class UnreachableError(LlmError):
    """No connection, or it broke."""

    code = "llm_unreachable"


class ServerFailedError(LlmError):
    """The endpoint answered 5xx."""

    code = "llm_server_failed"


class CircuitOpenError(LlmError):
    """The endpoint failed so often in a row that it is left alone for a while."""

    code = "llm_circuit_open"


class FinalLlmError(LlmError):
    """Asking the same again gives the same failure."""

    retryable = False


class RejectedError(FinalLlmError):
    """The endpoint does not take the request: unknown model, too long a text."""

    code = "llm_rejected"


class RefusedError(FinalLlmError):
    """The model or its filter will not answer about this text."""

    code = "llm_refused"


class TruncatedError(FinalLlmError):
    """The answer was cut off at the token limit, and again when a shorter one was asked for."""

    code = "llm_truncated"


class MalformedError(FinalLlmError):
    """The answer is not the JSON that was asked for, and neither is its repair."""

    code = "llm_malformed"


class KeyRejectedError(DependencyError):
    """The endpoint does not accept the key, or there is no credit on it."""

    code = "llm_key_rejected"


class BudgetSpentError(ResourceError):
    """The tokens that one job may spend are spent."""

    code = "llm_budget_spent"
