"""What goes wrong in the library.

ConflictError            409
├── OffsetError          409  bytes for another place than the next one
├── UploadBusyError      409  somebody else is sending to this upload
└── NotReadyError        409  it is not far enough for that
GoneError
└── UploadExpiredError   410
InputError
├── ChecksumError        460  bytes were altered on their way (the status is tus's)
├── TooLargeError        413
└── SourceError          400  a video needs exactly one source
ForbiddenError
└── QuotaError           403  the plan keeps no more bytes
"""

from goviral.kit.errors import ConflictError, ForbiddenError, GoneError, InputError


class OffsetError(ConflictError):
    """Bytes for another place than the next one. `offset` is where the upload really is."""

    code = "offset_mismatch"
    offset: int = 0


class UploadBusyError(ConflictError):
    """Another request is sending to this upload."""

    code = "upload_busy"


class NotReadyError(ConflictError):
    """It is not far enough for that."""

    code = "not_ready"


class UploadExpiredError(GoneError):
    """An upload nobody finished in time."""

    code = "upload_expired"


class ChecksumError(InputError):
    """Bytes were altered on their way; they were not kept."""

    code = "checksum_mismatch"
    http_status = 460


class TooLargeError(InputError):
    """More bytes than are taken, or than were announced."""

    code = "too_large"
    http_status = 413


class SourceError(InputError):
    """A video needs exactly one source."""

    code = "one_source"


class QuotaError(ForbiddenError):
    """The plan keeps no more bytes at a time."""

    code = "quota_exceeded"
