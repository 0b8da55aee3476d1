"""The HTTP application: error form, edge, routes. Wires, decides nothing."""

from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from fastapi_offline import FastAPIOffline

from goviral.entrypoints.api.errors import add_error_handlers
from goviral.entrypoints.api.middleware import AtHomeMiddleware, EdgeMiddleware
from goviral.entrypoints.api.observed import ObservedMiddleware
from goviral.entrypoints.api.openapi import describe, operation_id
from goviral.entrypoints.api.routers import mount
from goviral.features.accounts.services import Services
from goviral.features.ops.lifecycle import Lifecycle

# FastAPI's own would send what users wrote (messages of refused bodies); ours is in `observed`.
_SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def create_app(services: Services, lifecycle: Lifecycle | None = None) -> FastAPI:
    """The application over these services. Opens nothing, starts nothing."""
    # FastAPI with the scripts of `/docs` and `/redoc` served by us: its own pages fetch them from elsewhere.
    app = FastAPIOffline(
        title="GoViral",
        static_url="/docs/static",
        version=version("goviral"),
        generate_unique_id_function=operation_id,
        telemetry=_SILENT,
        # A redirect would name whatever host, and http where a proxy speaks TLS: keys would follow it.
        redirect_slashes=False,
    )
    app.state.services = services
    app.state.lifecycle = lifecycle or Lifecycle()
    add_error_handlers(app)
    if services.settings.server.env == "dev":
        app.add_middleware(AtHomeMiddleware)
    app.add_middleware(ObservedMiddleware)
    limits = services.settings.limits
    app.add_middleware(
        EdgeMiddleware, max_body_bytes=limits.max_body_bytes, body_wait_s=limits.body_wait_s
    )
    mount(app)
    describe(app)
    return app
