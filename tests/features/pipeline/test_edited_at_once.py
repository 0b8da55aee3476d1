"""Plans and moments changed in the same moment, on PostgreSQL."""

from typing import Any

from sqlalchemy.orm import Session

from features.library.shelf import DEV, add_clip, add_moment, add_video, plan_of
from features.pipeline.talk import spoken
from goviral.engine.moments.moment import Wishes
from goviral.features.accounts.services import Services
from goviral.features.library.library import Library
from goviral.features.pipeline.moments import guarded, rebound
from goviral.features.pipeline.plans import edit_plan
from goviral.features.pipeline.refining import Refined
from goviral.kit.timecode import Span
from twins.at_once import at_once, codes, in_transaction, services

__all__ = ["services"]


def test_of_edits_of_one_version_one_is_taken(services: Services) -> None:
    video = add_video(services)
    clip = add_clip(services, video, add_moment(services, video), plan=plan_of(video))

    def edit(title: str) -> Any:
        fields = {**clip.plan, "title": title}
        return in_transaction(
            services,
            lambda session: edit_plan(Library(session, DEV), clip.id, clip.version, fields),
        )

    done = at_once(services.database, [edit(title) for title in "ABC"])
    assert codes(done) == ["done", "stale_version", "stale_version"]
    (taken,) = [one for one in done if not hasattr(one, "code")]
    with services.database.reading() as session:
        kept = Library(session, DEV).clips.get(clip.id)
        assert (kept.version, kept.title) == (clip.version + 1, taken.title)


def test_of_new_bounds_of_one_version_one_is_taken(services: Services) -> None:
    moment = add_moment(services, add_video(services))

    def refine(session: Session) -> Any:
        refined = Refined(Span(4100, 9900))
        found = guarded(refined, Wishes(min_ms=1000, max_ms=9000), spoken())
        library = Library(session, DEV)
        return rebound(session, library, moment.id, moment.version, found, refined)

    done = at_once(services.database, [in_transaction(services, refine)] * 3)
    assert codes(done) == ["done", "stale_version", "stale_version"]
    with services.database.reading() as session:
        kept = Library(session, DEV).moments.get(moment.id)
        assert (kept.version, len(kept.history)) == (moment.version + 1, 1)
