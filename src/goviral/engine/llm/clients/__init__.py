"""The models there are, and the one the settings ask for."""

from collections.abc import Callable

from goviral.engine.llm.client import LlmClient
from goviral.engine.llm.clients.openai_compatible import OpenAiCompatibleClient
from goviral.engine.llm.resilient import ResilientClient
from goviral.kit.retry import Backoff
from goviral.kit.settings import LlmSettings, Settings


def _openai_compatible(settings: LlmSettings, api_key: str | None) -> LlmClient:
    return OpenAiCompatibleClient(settings.model, api_key=api_key, base_url=settings.base_url)


CLIENTS: dict[str, Callable[[LlmSettings, str | None], LlmClient]] = {
    "openai_compatible": _openai_compatible
}


def find_client(settings: Settings, api_key: str | None = None) -> LlmClient | None:
    """The model to ask, with retries; None where there is neither a key nor an endpoint.

    `api_key` is one job's own key and goes before the settings'.
    """
    llm = settings.llm
    key = api_key or (llm.api_key.get_secret_value() if llm.api_key else None)
    if key is None and not llm.enabled:
        return None
    backoff = Backoff(attempts=llm.max_attempts, max_delay_s=llm.max_retry_delay_s)
    return ResilientClient(CLIENTS["openai_compatible"](llm, key), backoff)
