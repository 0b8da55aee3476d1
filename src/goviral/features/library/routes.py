"""All of the library's routes, for the composition root."""

from goviral.features.accounts.deps import Router
from goviral.features.library import clip_routes, tus_routes, upload_routes, video_routes
from goviral.features.library.static_routes import router as static_router

router = Router()
"""Below `/api/v1`, and below `/api` and at the root, where the founding documents have them."""
# The busiest first. tus before uploads: `/uploads/tus` is no upload of that id.
for part in (video_routes, clip_routes, tus_routes, upload_routes):
    router.include_router(part.router)

founding_router = video_routes.founding_router
"""Only where the founding documents have it: below `/api`."""

__all__ = ["founding_router", "router", "static_router"]
