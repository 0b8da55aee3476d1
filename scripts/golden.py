"""`make golden`: what the finder's results were, what they are now, and the difference.

Small talks of our own are kept with their moments; labelled talks of others only as hashes and figures,
never a word of them. `--update` writes the new state; a change of it is reviewed like code.
"""

import argparse
import difflib
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from goviral.engine.moments.evaluation import SHOWN, evaluate  # noqa: E402
from goviral.engine.moments.find import find_moments  # noqa: E402
from goviral.engine.moments.labelled import collections_in, read_talks  # noqa: E402
from goviral.engine.moments.moment import Moment  # noqa: E402
from goviral.engine.moments.pickers import ours  # noqa: E402
from goviral.engine.transcripts.document import Transcript  # noqa: E402
from goviral.engine.transcripts.formats import read_transcript  # noqa: E402
from twins.interviews import interview  # noqa: E402
from twins.languages import LANGUAGES, speech  # noqa: E402

OWN = ROOT / "tests" / "golden" / "moments.json"
LABELLED = ROOT / "tests" / "golden" / "labelled.json"


def main() -> int:
    """0 where nothing differs, or the difference was taken over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="labelled talks to compare too")
    parser.add_argument("--update", action="store_true", help="write what is now")
    asked = parser.parse_args()
    states = [(OWN, own_state())]
    if asked.folder:
        states.append((LABELLED, labelled_state(asked.folder)))
    differ = [compare(path, state, update=asked.update) for path, state in states]
    return 1 if any(differ) and not asked.update else 0


def own_talks() -> dict[str, Transcript]:
    """The project's own small talks."""
    talks = {f"speech-{language}": speech(language) for language in LANGUAGES}
    talks["interview"] = interview(seed=0).transcript
    talks["sample"] = read_transcript(ROOT / "examples" / "talk.json")
    return talks


def own_state() -> dict[str, Any]:
    """The moments of each own talk, best first."""
    return {
        name: [moment_state(moment) for moment in find_moments(talk)]
        for name, talk in own_talks().items()
    }


def moment_state(moment: Moment) -> dict[str, Any]:
    """What must not change unseen."""
    return {
        "start_ms": moment.span.start_ms,
        "end_ms": moment.span.end_ms,
        "score": moment.score,
        "title": moment.title,
        "category": moment.category,
    }


def labelled_state(folder: Path) -> dict[str, Any]:
    """For each collection: a hash of all picks, and the figures of the test split."""
    report = evaluate(folder, beside=())
    figures = {c.name: c.figures["ours"] for c in report.collections}
    hashes = {}
    for path in collections_in(folder):
        talks = list(read_talks(path, "test"))
        if talks:
            picks = json.dumps([(talk.id, ours(talk)) for talk in talks])
            hashes[talks[0].collection] = hashlib.sha256(picks.encode()).hexdigest()
    return {
        name: {"picks": hashes[name], **{shown: known[shown].value for shown in SHOWN}}
        for name, known in figures.items()
    }


def compare(path: Path, state: dict[str, Any], *, update: bool) -> bool:
    """Print the difference to what is kept; write it down when asked."""
    now = json.dumps(state, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = difflib.unified_diff(
        before.splitlines(),
        now.splitlines(),
        f"{path.name}, kept",
        f"{path.name}, now",
        lineterm="",
    )
    print("\n".join(lines) or f"{path.name}: no difference")
    if update:
        path.write_text(now, encoding="utf-8")
    return before != now


if __name__ == "__main__":
    sys.exit(main())
