"""The service as features see it."""

from twins.service import api, services, settings

__all__ = ["api", "services", "settings"]
