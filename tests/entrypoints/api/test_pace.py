"""How long a body may take to come."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from goviral.entrypoints.api.middleware import EdgeMiddleware
from goviral.entrypoints.api.pace import STRETCH_BYTES, Pace


class TestCount:
    def test_each_stretch_has_the_whole_wait(self) -> None:
        pace = Pace(30)
        for _ in range(1000):
            assert pace.count(STRETCH_BYTES, 29) == 30

    def test_a_byte_gives_no_more_time(self) -> None:
        pace = Pace(30)
        assert [pace.count(1, 10) for _ in range(4)] == [20, 10, 0, 0]

    def test_pieces_of_a_stretch_are_added_up(self) -> None:
        pace = Pace(30)
        left = [pace.count(STRETCH_BYTES // 4, 7) for _ in range(8)]
        assert left == [23, 16, 9, 30, 23, 16, 9, 30]


def heard(*messages: Message) -> Receive:
    """What a client says, and then nothing for ever."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


class TestNext:
    def test_silence_in_the_middle_of_a_body_is_ended(self) -> None:
        pace, receive = Pace(0.01), heard(part(b"{", more=True))

        async def listen() -> None:
            assert (await pace.next(receive))["body"] == b"{"
            await pace.next(receive)

        with pytest.raises(TimeoutError):
            asyncio.run(listen())

    def test_silence_after_a_body_is_not(self) -> None:
        pace, receive = Pace(0.01), heard(part(b"{}", more=False))

        async def listen() -> bool:
            await pace.next(receive)
            waiting = asyncio.ensure_future(pace.next(receive))
            done, _ = await asyncio.wait([waiting], timeout=0.3)
            waiting.cancel()
            return bool(done)

        assert not asyncio.run(listen())

    def test_what_is_done_between_pieces_costs_nothing(self) -> None:
        pace = Pace(60)
        receive = heard(part(b"a", more=True), part(b"b", more=False))

        async def work() -> bytes:
            first = await pace.next(receive)
            await asyncio.sleep(0.3)
            return bytes(first["body"] + (await pace.next(receive))["body"])

        assert asyncio.run(work()) == b"ab"
        assert pace.count(0, 0) > 60 - 0.3


def test_an_answer_under_way_whose_client_never_ends_its_request_is_ended_as_if_it_had_left() -> (
    None
):
    seen: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        seen.append((await receive())["type"])

    async def send(_message: Message) -> None:
        return None

    edge = EdgeMiddleware(app, max_body_bytes=100, body_wait_s=0.01)
    asyncio.run(edge({"type": "http", "headers": []}, heard(), send))
    assert seen == ["http.disconnect"]
