"""The rows of the database room itself: who leads."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from goviral.kit.db.base import Base


class Leadership(Base):
    """Who alone does something until when; renewed while its holder lives."""

    __tablename__ = "leaderships"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime] = mapped_column()
