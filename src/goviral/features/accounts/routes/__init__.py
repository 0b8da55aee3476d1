"""All of the accounts' routes, for the composition root."""

from goviral.features.accounts.routes.accounts import router
from goviral.features.accounts.routes.auth import router as auth_router

__all__ = ["auth_router", "router"]
