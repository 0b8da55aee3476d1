"""Exit codes, documented in the README."""

DONE = 0
SOME_FAILED = 1
BAD_INPUT = 2
CANCELLED = 130
