"""What an owner may use up in a calendar month, by plan."""

from datetime import datetime
from typing import Final

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from goviral.features.accounts.errors import CapReachedError
from goviral.features.accounts.models import Usage
from goviral.features.accounts.principal import Principal
from goviral.kit.db.repository import is_of
from goviral.kit.server_settings import LimitSettings

KINDS: Final = ("videos", "clips")


def cap_of(limits: LimitSettings, plan: str, kind: str) -> int | None:
    """How many of `kind` a month; None: as many as one likes."""
    cap: int | None = getattr(limits, f"{plan}_{kind}")
    return cap


def spend(
    session: Session,
    limits: LimitSettings,
    principal: Principal,
    kind: str,
    now: datetime,
    amount: int = 1,
) -> None:
    """Count `amount` of "videos" or "clips" against the month, in the transaction that makes them.

    Raises `CapReachedError`; then nothing was counted. Two at once never both take the last one.
    """
    cap = cap_of(limits, principal.plan, kind)
    if cap is None:
        return
    month = now.strftime("%Y-%m")
    if amount > cap or not _taken(session, principal.owner_id, month, kind, amount, cap):
        raise _reached(kind, cap, now)


def used(session: Session, owner_id: str, kind: str, now: datetime) -> int:
    """How much of the month's allowance is gone."""
    row = session.get(Usage, (owner_id, now.strftime("%Y-%m"), kind))
    return row.amount if row else 0


def _taken(session: Session, owner_id: str, month: str, kind: str, amount: int, cap: int) -> bool:
    ours = (is_of(Usage, owner_id), Usage.month == month, Usage.kind == kind)
    grown = update(Usage).where(*ours).values(amount=Usage.amount + amount).returning(Usage.amount)
    for _ in range(2):
        total = session.execute(grown.where(Usage.amount + amount <= cap)).scalar()
        if total is not None:
            return True
        if session.get(Usage, (owner_id, month, kind)) is not None:
            return False
        _begin_month(session, owner_id, month, kind)
    return False


def _begin_month(session: Session, owner_id: str, month: str, kind: str) -> None:
    session.execute(
        text(
            "insert into monthly_usage (owner_id, month, kind, amount) "
            "values (:owner_id, :month, :kind, 0) on conflict do nothing"
        ),
        {"owner_id": owner_id, "month": month, "kind": kind},
    )


def _reached(kind: str, cap: int, now: datetime) -> CapReachedError:
    after = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    later = after.replace(year=after.year + after.month // 12, month=after.month % 12 + 1)
    error = CapReachedError(
        f"This month's {cap} {kind} are used up.",
        remedy=f"Wait until {later.date().isoformat()}, or take a larger plan.",
    )
    error.details = {"kind": kind, "cap": cap, "resets_at": later.isoformat()}
    return error
