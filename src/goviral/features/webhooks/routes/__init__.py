"""All routes of webhooks and events, for the composition root."""

from goviral.features.webhooks.routes.live import router as live_router
from goviral.features.webhooks.routes.webhooks import router

__all__ = ["live_router", "router"]
