"""The files one ffmpeg run reads besides the source, numbered in the order they are asked for."""


class Inputs:
    """Collects inputs while a graph is written. Number 0 is the source."""

    def __init__(self) -> None:
        self._each: list[tuple[str, ...]] = []

    def add(self, *arguments: str) -> int:
        """One more input, by ffmpeg's arguments up to and with `-i NAME`; its number in the graph."""
        self._each.append(arguments)
        return len(self._each)

    @property
    def arguments(self) -> tuple[str, ...]:
        """All of them, as they follow the source on the command line."""
        return tuple(argument for each in self._each for argument in each)
