"""The observer is what the proof rests on: it must see what happens twice."""

from chaos.effects import ask, observing


def test_an_effect_that_happens_twice_is_counted_twice() -> None:
    with observing() as (effects, port):
        assert ask(port, "GET", "a") == 0
        assert ask(port, "PUT", "a") == 1
        assert ask(port, "PUT", "a") == 2
        assert ask(port, "PUT", "b") == 1
        assert ask(port, "GET", "a") == 2
        assert effects.all() == {"a": 2, "b": 1}
