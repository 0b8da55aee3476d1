"""What is deleted by itself: when its time is over, and never without 72 hours' warning. And the sweeping.

A film or clip whose time is nearly over is warned of first: an event, a line in the audit log, and
`expires_at` on its row. Whoever uses it meanwhile or says "keep" starts its time anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from goviral.features.accounts.audit import audit
from goviral.features.accounts.services import Services
from goviral.features.library.check_upload import refuse_unchecked
from goviral.features.library.deletion import delete_clip
from goviral.features.library.events import VIDEO_FILM_DELETED, announce
from goviral.features.library.models import Clip, ClipState, Upload, UploadState, Video, VideoState
from goviral.features.library.repository import UploadRepository
from goviral.features.library.uploads import forget_bytes
from goviral.kit.db.repository import EVERYONE
from goviral.kit.errors import NotFoundError
from goviral.kit.jobs.context import JobContext
from goviral.kit.jobs.models import Payload
from goviral.kit.jobs.task import Task
from goviral.kit.scratch import Scratch
from goviral.kit.storage.store import Store

JANITOR_TASK = "library.janitor"
JANITOR_CRON = "17 * * * *"
_AT_ONCE = 200
_LEAST_NOTICE = timedelta(hours=72)
Kept = Video | Clip


@dataclass(frozen=True, slots=True)
class Swept:
    """What one round did."""

    uploads_expired: int = 0
    uploads_refused: int = 0
    warned: int = 0
    deleted: int = 0
    temporary: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """How long things of one kind are kept; `keep` None: for ever. `noun` is their word in events.

    `delete` takes a row and what makes it due: somebody may have used it since it was read.
    """

    model: type[Video] | type[Clip]
    noun: str
    keep: timedelta | None
    there: ColumnElement[bool]
    delete: Callable[[Kept, ColumnElement[bool]], bool]


def janitor_task() -> Task:
    """The hourly round."""
    return Task(JANITOR_TASK, _run, timeout_s=1800.0)


def _run(context: JobContext, payload: Payload) -> Payload | None:
    return asdict(Janitor(context.services).run())


class Janitor:
    """One round over everybody's things; each thing in a transaction of its own."""

    def __init__(self, services: Services) -> None:
        settings = services.settings.library
        self._services = services
        self._store: Store = services.store
        self._now = services.clock()
        self._notice = max(_LEAST_NOTICE, timedelta(hours=settings.notice_h))
        self._rules = (
            Rule(
                Video,
                "video",
                _days(settings.keep_sources_days),
                Video.key.is_not(None),
                self._delete_film,
            ),
            Rule(
                Clip,
                "clip",
                _days(settings.keep_clips_days),
                Clip.state == ClipState.READY,
                self._delete_clip,
            ),
        )

    def run(self) -> Swept:
        """Expire uploads, warn, delete what was warned of, sweep temporary files."""
        for rule in self._rules:
            self._take_back_warnings(rule)
        return Swept(
            uploads_expired=self._expire_uploads(),
            uploads_refused=refuse_unchecked(self._services),
            deleted=sum(self._delete_due(rule) for rule in self._rules),
            warned=sum(self._warn_due(rule) for rule in self._rules),
            temporary=sweep_temporary(self._services),
        )

    def _take_back_warnings(self, rule: Rule) -> None:
        """Of things that were used since or are kept for longer now, or of all where nothing goes any more."""
        model = rule.model
        stale = update(model).where(model.expires_at.is_not(None))
        if rule.keep is not None:
            is_early = model.used_at > self._now - rule.keep + self._notice
            stale = stale.where(or_(model.used_at > model.warned_at, is_early))
        values = {"expires_at": None, "warned_at": None, "updated_at": model.updated_at}
        with self._services.database.transaction() as session:
            session.execute(stale.values(**values))

    def _delete_due(self, rule: Rule) -> int:
        if rule.keep is None:
            return 0
        is_due = self._is_due(rule.model, rule.keep)
        return sum(rule.delete(row, is_due) for row in self._some(rule, is_due))

    def _is_due(self, model: type[Video] | type[Clip], keep: timedelta) -> ColumnElement[bool]:
        """Its time is over by today's settings too, and it was warned of for long enough."""
        return and_(
            model.expires_at <= self._now,
            model.warned_at <= self._now - _LEAST_NOTICE,
            model.used_at <= self._now - keep,
        )

    def _warn_due(self, rule: Rule) -> int:
        model, keep = rule.model, rule.keep
        if keep is None:
            return 0
        nearly = model.used_at <= self._now - keep + self._notice
        due = self._some(rule, rule.there, model.expires_at.is_(None), nearly)
        for row in due:
            self._warn(rule, row, max(self._now + self._notice, row.used_at + keep))
        return len(due)

    def _warn(self, rule: Rule, row: Kept, expires_at: datetime) -> None:
        with self._services.database.transaction() as session:
            values = {"warned_at": self._now, "expires_at": expires_at}
            mine = update(rule.model).where(rule.model.id == row.id)
            session.execute(mine.values(**values, updated_at=rule.model.updated_at))
            details = {"expires_at": expires_at.isoformat(), "title": row.title}
            audit(session, None, f"{rule.noun}.expiring", row.id, details, owner_id=row.owner_id)
            announce(session, f"{rule.noun}.expiring", row.owner_id, row.id, details)

    def _some(self, rule: Rule, *where: ColumnElement[bool]) -> Sequence[Kept]:
        with self._services.database.reading() as session:
            statement = select(rule.model).where(*where).order_by(rule.model.id).limit(_AT_ONCE)
            return cast(Sequence[Kept], session.scalars(statement).all())

    def _delete_film(self, row: Kept, is_due: ColumnElement[bool]) -> bool:
        """Only the film: transcript, moments and clips stay, each by its own rule."""
        with self._services.database.transaction() as session:
            still = select(Video).where(Video.id == row.id, is_due).with_for_update()
            video = session.scalars(still).one_or_none()
            if video is None:
                return False
            key, video.key, video.state = video.key, None, VideoState.EXPIRED.value
            size_bytes, video.size_bytes, video.expires_at = video.size_bytes, 0, None
            details = {"bytes": size_bytes, "because": "retention"}
            audit(session, None, "video.film_deleted", row.id, details, owner_id=row.owner_id)
            announce(session, VIDEO_FILM_DELETED, row.owner_id, row.id, details)
        if key is not None:
            self._store.delete(key)
        return True

    def _delete_clip(self, row: Kept, is_due: ColumnElement[bool]) -> bool:
        try:
            delete_clip(self._services, None, row.owner_id, row.id, only_if=is_due)
        except NotFoundError:
            return False  # its owner was faster
        return True

    def _expire_uploads(self) -> int:
        with self._services.database.reading() as session:
            overdue = UploadRepository(session, EVERYONE).overdue(self._now, _AT_ONCE)
        return sum(self._expire(upload) for upload in overdue)

    def _expire(self, upload: Upload) -> bool:
        with self._services.database.transaction() as session:
            # Somebody may have gone on with it since it was read.
            still = update(Upload).where(
                Upload.id == upload.id,
                Upload.state == UploadState.RECEIVING,
                Upload.expires_at <= self._now,
            )
            values = {"state": UploadState.EXPIRED.value, "lock": None}
            if session.execute(still.values(**values)).rowcount != 1:  # type: ignore[attr-defined]
                return False
        forget_bytes(self._store, upload)
        return True


def keep(session: Session, row: Kept, now: datetime) -> None:
    """Start the time a thing is kept anew; a warning is taken back."""
    row.used_at, row.warned_at, row.expires_at = now, None, None
    session.flush()


def sweep_temporary(services: Services) -> int:
    """Delete on this machine what killed jobs and requests left behind; how many things that were.

    Every worker should call it at its start, for its own temporary folder.
    """
    older_than_s = services.settings.library.keep_temporary_h * 3600
    folders = [services.settings.server.data_dir / "tmp", *services.store.temporary_folders()]
    return sum(Scratch(folder).sweep(older_than_s) for folder in folders)


def _days(days: float | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)
