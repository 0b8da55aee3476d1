"""All of the operators' routes, for the composition root."""

from goviral.features.accounts.deps import Router
from goviral.features.ops.routes import health, jobs

router = Router()
"""Below `/api/v1` and, as founding documents have them, at the root."""
for part in (jobs, health):
    router.include_router(part.router)

process_router = health.process_router
"""At the root alone: what a process says of itself."""
