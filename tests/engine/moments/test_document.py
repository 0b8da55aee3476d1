from goviral.engine.moments.document import moments_document
from goviral.engine.moments.moment import Moment, Reason, Scorecard
from goviral.kit.timecode import Span


def test_moments_are_written_in_their_order_with_times_and_reasons() -> None:
    card = Scorecard(1, 2, 3, 4, 5, 3)
    reasons = (Reason("hook", "opens boldly", 0.123456, Span(0, 9)), Reason("pace", "fast", 1.0))
    moment = Moment(Span(1_000, 61_000), 3, card, "T", "H", "Q", "fact", reasons)
    written = moments_document([moment])["moments"][0]
    assert (written["start_ms"], written["end_ms"], written["duration_ms"]) == (
        1_000,
        61_000,
        60_000,
    )
    assert written["scorecard"]["shareability"] == 5
    assert written["reasons"][0] == {
        "feature": "hook",
        "text": "opens boldly",
        "weight": 0.1235,
        "start_ms": 0,
        "end_ms": 9,
    }
    assert "start_ms" not in written["reasons"][1]
