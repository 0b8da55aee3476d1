"""Health, metrics and roots: what operators and their programs ask."""

import asyncio
import secrets
from typing import Any

from fastapi import Request, Response

from goviral import __version__
from goviral.features.accounts.deps import Router, services
from goviral.features.ops.checks import HealthChecks
from goviral.features.ops.collected import collected
from goviral.features.ops.lifecycle import Lifecycle
from goviral.features.ops.schemas import CheckOut, HealthOut, RootOut
from goviral.kit.errors import UnauthenticatedError
from goviral.kit.telemetry.metrics import CONTENT_TYPE, Collected, exposition

router = Router()
process_router = Router()

# `to_thread`, not FastAPI's threads: those may all wait for the database that is away.
_NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthOut, "description": "Degraded, or about to stop."}
}


@router.get("/health", response_model=HealthOut, responses=_NOT_READY, tags=["health"])
async def show_health(request: Request, response: Response) -> HealthOut:
    """Whether to send requests here; asks nobody who he is."""
    health = await asyncio.to_thread(_checks(request).look)
    lifecycle = _lifecycle(request)
    is_draining = lifecycle.draining.is_set()
    response.status_code = 200 if health.ok and not is_draining else 503
    response.headers["cache-control"] = "no-store"
    return HealthOut(
        status="draining" if is_draining else "ok" if health.ok else "degraded",
        version=__version__,
        uptime_s=round(lifecycle.uptime_s, 1),
        queue_length=health.queue_length,
        oldest_waiting_s=health.oldest_waiting_s,
        checks={name: CheckOut.model_validate(one) for name, one in health.checks.items()},
    )


@process_router.get("/healthz")
async def show_life() -> dict[str, str]:
    """Whether this process lives, whatever it stands on: one that says no should be started anew."""
    return {"status": "ok"}


@process_router.get("/metrics")
async def show_metrics(request: Request) -> Response:
    """Everything that is counted, for Prometheus."""
    _check_token(request)
    health = await asyncio.to_thread(_checks(request).look)
    wired = services(request)
    now = Collected(collected(health, _lifecycle(request), wired.feed.listeners))
    return Response(await asyncio.to_thread(exposition, now), media_type=CONTENT_TYPE)


@process_router.get("/", response_model=RootOut)
@process_router.get("/api/v1", response_model=RootOut)
@process_router.get("/api/v1/", response_model=RootOut)
async def show_root(request: Request) -> Any:
    """What this is."""
    base = services(request).settings.server.base_url.rstrip("/")
    links = {"api": "/api/v1", "docs": "/docs", "openapi": "/openapi.json", "health": "/health"}
    return RootOut(
        name="GoViral",
        version=__version__,
        links={name: base + path for name, path in links.items()},
    )


def _lifecycle(request: Request) -> Lifecycle:
    lifecycle: Lifecycle = request.app.state.lifecycle
    return lifecycle


def _checks(request: Request) -> HealthChecks:
    """One for these services: tests put others into the same application."""
    wired = services(request)
    known: HealthChecks | None = getattr(request.app.state, "health", None)
    if known is None or known.services is not wired:
        known = request.app.state.health = HealthChecks(wired)
    return known


def _check_token(request: Request) -> None:
    wanted = services(request).settings.telemetry.metrics_token
    if wanted is None:
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    said = token.strip().encode("utf-8", "replace")
    if scheme.lower() != "bearer" or not secrets.compare_digest(
        said, wanted.get_secret_value().encode()
    ):
        raise UnauthenticatedError("Metrics need their token.")
