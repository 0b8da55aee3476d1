"""What goes in and out of the webhook routes."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Url = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
_Said = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
_EventName = Annotated[
    str, StringConstraints(max_length=64, pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$")
]
_Events = Annotated[list[_EventName], Field(min_length=1, max_length=50)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSubscription(_In):
    """An address that shall hear of events."""

    url: _Url
    events: _Events = Field(["*"], description='Types, `"clip.*"` for a kind, `"*"` for all.')
    description: _Said = ""


class SubscriptionChange(_In):
    """What shall be different; what is left out stays."""

    events: _Events | None = None
    description: _Said | None = None
    active: bool | None = None


class SubscriptionOut(BaseModel):
    """A subscription, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    url: str
    events: list[str]
    description: str
    active: bool
    disabled_reason: str | None
    failing_since: datetime | None
    created_at: datetime


class SubscriptionMade(SubscriptionOut):
    """A new subscription, or a new secret. It is shown this once."""

    secret: str


class DeliveryOut(BaseModel):
    """A delivery and its tries."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    subscription_id: str
    event_id: str
    event_type: str
    state: str
    attempts: int
    next_at: datetime | None
    delivered_at: datetime | None
    created_at: datetime
    log: list[dict[str, Any]]


class EventOut(BaseModel):
    """Something that happened. `position` is what `Last-Event-ID` and `after` take."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    position: int
    type: str
    subject: str | None
    data: dict[str, Any]
    at: datetime
