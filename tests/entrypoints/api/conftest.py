"""The service behind its HTTP."""

from twins.service import api, services, settings

__all__ = ["api", "services", "settings"]
