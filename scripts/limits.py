"""Fail when a module is too long to be one idea. Prompts and style tables are data, not modules."""

import sys
from pathlib import Path

LIMIT_LINES = 500
ROOTS = ("src", "tests", "bench", "scripts", "examples")


def main() -> int:
    long = [
        (len(path.read_text(encoding="utf-8").splitlines()), path)
        for root in ROOTS
        for path in Path(root).rglob("*.py")
    ]
    over = [(lines, path) for lines, path in long if lines > LIMIT_LINES]
    for lines, path in over:
        print(f"{path}: {lines} lines, over {LIMIT_LINES}: split it by topic")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
