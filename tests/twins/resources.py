"""How to make something of an owner's for each path parameter, and bodies where the schema is not enough.

A new route with a parameter nobody knows fails the isolation matrix until its line is here.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from goviral.features.accounts.authentication import active_user, principal_of
from goviral.features.accounts.keys import KeyWishes, create_client, create_key
from goviral.features.accounts.links import LinkWishes, create_link
from goviral.features.accounts.models import User
from goviral.features.accounts.principal import SCOPES, Principal
from goviral.features.accounts.services import Services
from goviral.features.accounts.tasks import TIDY_TASK
from goviral.features.library.models import Clip, Moment, Thumbnail, Upload, Video
from goviral.features.pipeline.models import PipelineRun
from goviral.features.webhooks.models import Delivery, Subscription
from goviral.kit.ids import new_id

Make = Callable[[Services, User], str]


def as_user(services: Services, user_id: str) -> Principal:
    """The user as he would be after logging in."""
    with services.database.reading() as session:
        return principal_of(*active_user(session, user_id), "user", frozenset(SCOPES), "ses_test")


def _key(services: Services, user: User) -> str:
    by = as_user(services, user.id)
    with services.database.transaction() as session:
        return create_key(
            session, by, KeyWishes("of the matrix", frozenset({"videos:read"})), 9, services.clock()
        )[0].id


def _client(services: Services, user: User) -> str:
    by = as_user(services, user.id)
    with services.database.transaction() as session:
        wishes = KeyWishes("of the matrix", frozenset({"videos:read"}))
        return create_client(session, by, wishes, 9, services.clock())[0].id


def _link(services: Services, user: User) -> str:
    by = as_user(services, user.id)
    with services.database.transaction() as session:
        return create_link(services, session, by, LinkWishes("view", 60))[0].id


def _video(services: Services, user: User) -> str:
    return _row(services, Video(id=new_id("vid"), owner_id=user.owner_id, title="Film"))


def _clip(services: Services, user: User) -> str:
    video_id = _video(services, user)
    return _row(services, Clip(id=new_id("clip"), owner_id=user.owner_id, video_id=video_id))


def _moment(services: Services, user: User) -> str:
    video_id = _video(services, user)
    owner = user.owner_id
    moment = Moment(id=new_id("mom"), owner_id=owner, video_id=video_id, start_ms=0, end_ms=9000)
    return _row(services, moment)


def _thumbnail(services: Services, user: User) -> str:
    clip_id, video_id = _clip(services, user), _video(services, user)
    row_id = new_id("thm")
    key = f"thumbnails/{clip_id}/{row_id}.jpg"
    owner = user.owner_id
    row = Thumbnail(id=row_id, owner_id=owner, video_id=video_id, clip_id=clip_id, key=key)
    return _row(services, row)


def _upload(services: Services, user: User) -> str:
    video_id = new_id("vid")
    upload = Upload(
        id=new_id("upl"),
        owner_id=user.owner_id,
        size_bytes=1000,
        video_id=video_id,
        key=f"videos/{video_id}/source.mp4",
        expires_at=services.clock() + timedelta(hours=1),
    )
    return _row(services, upload)


def _file(services: Services, user: User) -> str:
    key = f"videos/{_video(services, user)}/source.mp4"
    services.store.put(key, b"film", "video/mp4")
    return key


def _subscription(services: Services, user: User) -> str:
    owner = user.owner_id
    row_id = new_id("sub")
    row = Subscription(id=row_id, owner_id=owner, url=f"https://example.org/{row_id}", secret="x")
    return _row(services, row)


def _delivery(services: Services, user: User) -> str:
    row = Delivery(
        id=new_id("dlv"),
        owner_id=user.owner_id,
        subscription_id=_subscription(services, user),
        event_id=new_id("evt"),
        event_type="clip.ready",
        body="{}",
    )
    return _row(services, row)


def _job(services: Services, user: User) -> str:
    with services.database.transaction() as session:
        return services.queue.enqueue(session, TIDY_TASK, {}, owner_id=user.owner_id).id


def _run(services: Services, user: User) -> str:
    video_id = _video(services, user)
    return _row(services, PipelineRun(id=new_id("run"), owner_id=user.owner_id, video_id=video_id))


def _row(services: Services, row: Any) -> str:
    with services.database.transaction() as session:
        session.add(row)
        session.flush()
        return str(row.id)


MAKERS: dict[str, Make] = {
    "user_id": lambda _services, user: user.id,
    "key_id": _key,
    "client_id": _client,
    "link_id": _link,
    "video_id": _video,
    "clip_id": _clip,
    "moment_id": _moment,
    "thumbnail_id": _thumbnail,
    "upload_id": _upload,
    "key": _file,
    "subscription_id": _subscription,
    "delivery_id": _delivery,
    "job_id": _job,
    "run_id": _run,
}
"""Path parameter (and name of a field in bodies and queries) → makes one, gives its id."""

BODIES: dict[str, Any] = {
    "POST /api/v1/users": {"email": "matrix@example.org"},
    "POST /api/v1/keys": {"scopes": ["videos:read"]},
    "POST /api/v1/clients": {"scopes": ["videos:read"]},
    "POST /api/v1/videos": {"upload_id": "{upload_id}"},
    "POST /api/v1/moments/{moment_id}/refine": {"start_ms": 1000},
    "POST /api/v1/videos/{video_id}/moments/{moment_id}/refine": {"start_ms": 1000},
    "POST /api/v1/webhooks": {"url": "https://example.org/matrix"},
    "POST /api/v1/uploads": {"size_bytes": 1000, "filename": "film.mp4"},
}
"""Operation → a body it takes, where one made from the schema would not do. Ids: "{video_id}"."""

PUBLIC = {
    "POST /api/v1/auth/token",
    "POST /api/v1/auth/revoke",
    "POST /api/v1/auth/magic/redeem",
    "POST /api/v1/hooks/completion",
    "GET /api/v1/health",
    "OPTIONS /api/v1/uploads/tus",
    # Outside the document:
    "GET /api/v1/",
    "GET /healthz",
    "GET /metrics",
    # The pages about the API:
    "GET /docs",
    "GET /docs/oauth2-redirect",
    "GET /redoc",
}
"""Operations that ask nobody who he is."""

PERSONAL = {
    "POST /api/v1/auth/logout",
    "GET /api/v1/auth/me",
}
"""Operations about the caller himself: another tenant sees his own."""

QUERIES = {
    "GET /api/v1/events": {"after": "0"},
    "GET /api/v1/events/list": {"after": "0"},
    "DELETE /api/videos": {"id": "{video_id}"},
}
"""Operation → a query, where none would ask for little."""

_TUS = {
    "tus-resumable": "1.0.0",
    "upload-length": "1000",
    "upload-offset": "0",
    "x-http-method-override": "DELETE",
}
HEADERS = {
    "/api/v1/uploads/tus": {**_TUS, "content-type": "application/offset+octet-stream"},
}
"""Beginning of a path → headers its handlers want to see first."""
