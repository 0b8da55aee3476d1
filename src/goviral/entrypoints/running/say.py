"""What a person is told on standard output; logs go to standard error."""

import sys


def say(line: str) -> None:
    """One line, at once: somebody may wait for it through a pipe."""
    print(line, file=sys.stdout, flush=True)  # noqa: T201  this is for the person who started us
