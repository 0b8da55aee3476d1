"""All of the library's routes, for the composition root."""

from goviral.features.accounts.deps import Router
from goviral.features.library.routes import clips, tus, uploads, videos
from goviral.features.library.routes.static import router as static_router

router = Router()
"""Below `/api/v1`, and below `/api` and at the root, where the founding documents have them."""
# The busiest first. tus before uploads: `/uploads/tus` is no upload of that id.
for part in (videos, clips, tus, uploads):
    router.include_router(part.router)

founding_router = videos.founding_router
"""Only where the founding documents have it: below `/api`."""

__all__ = ["founding_router", "router", "static_router"]
