"""What goes wrong in the pipeline."""

from goviral.kit.errors import ConflictError, InputError


class BusyError(ConflictError):
    """A run of this video is under way. `code` is what clients look for."""

    code = "pipeline_busy"


class NotUnderstoodError(InputError):
    """A wish in words that says nothing we can do."""

    code = "not_understood"
    http_status = 422


class UnfitPlanError(InputError):
    """An edited plan that could not be rendered: the message names the field at fault."""

    code = "invalid_plan"
    http_status = 422


class StaleVersionError(ConflictError):
    """Somebody else changed it meanwhile."""

    code = "stale_version"
