"""What each error status means, for the document; routes name those that do not follow from what they are."""

from collections.abc import Mapping
from typing import Any, Final

MEANINGS: Final[Mapping[int, str]] = {
    400: "What was given cannot be used.",
    401: "No credentials, or ones that are not accepted.",
    403: "Known, but not allowed: scope, role, revoked, a cap, an address that is refused.",
    404: "There is no such thing, or it is somebody else's.",
    408: "The rest of the request did not come in time.",
    409: "It is there already, or not in a state for this.",
    410: "It was there and has expired.",
    412: "Another version of the protocol is spoken here.",
    413: "Too large.",
    415: "Not that kind of body.",
    416: "There is no such part of the file.",
    422: "The request is not of the form that is asked for.",
    429: "Too often; `Retry-After` says when to come back.",
    460: "The bytes are not those of the checksum.",
    500: "Something went wrong here.",
    502: "Another service failed.",
    503: "Something this needs is away or missing.",
    507: "No room left.",
}


def refuses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: what it may answer besides what every route of its kind may."""
    return {status: {"description": MEANINGS[status]} for status in statuses}
