"""Listeners hear what is theirs, in order, what they missed first."""

import asyncio
from collections.abc import Iterator

import pytest

from goviral.kit.db.database import Database
from goviral.kit.events.live import LiveFeed
from goviral.kit.events.outbox import publish
from goviral.kit.events.relay import Relay
from goviral.kit.events.wake import MemoryWake


@pytest.fixture
def feed(database: Database) -> Iterator[LiveFeed]:
    made = LiveFeed(database, MemoryWake(), look_s=0.2)
    yield made
    made.close()


def say(database: Database, feed: LiveFeed, *said: tuple[str, str]) -> None:
    with database.transaction() as session:
        for owner, subject in said:
            publish(session, "clip.ready", owner_id=owner, subject=subject)
            session.flush()
    Relay(database, [], on_relayed=feed.wake.tap, name="one").relay()


async def first(feed: LiveFeed, count: int, owner: str = "a", **options: object) -> list[str]:
    heard: list[str] = []
    async for event in feed.listen(owner, **options):  # type: ignore[arg-type]
        if event is not None:
            heard.append(str(event.subject))
        if len(heard) == count:
            break
    return heard


async def until_somebody_listens(feed: LiveFeed) -> None:
    while not feed.listeners:  # noqa: ASYNC110  the feed is no coroutine's
        await asyncio.sleep(0.01)


def test_a_listener_hears_only_its_owners_events_from_now_on(
    database: Database, feed: LiveFeed
) -> None:
    async def scene() -> list[str]:
        say(database, feed, ("a", "before"))
        listening = asyncio.create_task(first(feed, 2))
        await until_somebody_listens(feed)
        await asyncio.to_thread(say, database, feed, ("a", "1"), ("b", "other"), ("a", "2"))
        return await asyncio.wait_for(listening, 60)

    assert asyncio.run(scene()) == ["1", "2"]
    assert feed.listeners == 0


def test_a_listener_that_comes_back_hears_what_it_missed(
    database: Database, feed: LiveFeed
) -> None:
    async def scene() -> list[str]:
        say(database, feed, ("a", "1"), ("a", "2"), ("b", "x"), ("a", "3"))
        listening = asyncio.create_task(first(feed, 3, after=1))
        await until_somebody_listens(feed)
        await asyncio.to_thread(say, database, feed, ("a", "4"))
        return await asyncio.wait_for(listening, 60)

    assert asyncio.run(scene()) == ["2", "3", "4"]


def test_a_listener_of_one_subject_hears_of_nothing_else(
    database: Database, feed: LiveFeed
) -> None:
    async def scene() -> list[str]:
        say(database, feed, ("a", "1"), ("a", "2"), ("a", "1"))
        return await asyncio.wait_for(first(feed, 2, after=0, subject="1"), 60)

    assert asyncio.run(scene()) == ["1", "1"]


def test_closing_the_feed_ends_its_listeners(database: Database, feed: LiveFeed) -> None:
    async def scene() -> list[str]:
        listening = asyncio.create_task(first(feed, 1))
        await until_somebody_listens(feed)
        await asyncio.to_thread(feed.close)
        return await asyncio.wait_for(listening, 60)

    assert asyncio.run(scene()) == []


def test_who_comes_when_the_feed_is_closed_is_sent_away(feed: LiveFeed) -> None:
    feed.close()

    async def scene() -> list[object]:
        return [event async for event in feed.listen("a")]

    assert asyncio.run(asyncio.wait_for(scene(), 60)) == []
