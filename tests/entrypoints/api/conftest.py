"""The service behind its HTTP."""

from twins.service import api, nobody, services, settings

__all__ = ["api", "nobody", "services", "settings"]
