"""The service as operators see it."""

from twins.service import api, nobody, services, settings

__all__ = ["api", "nobody", "services", "settings"]
