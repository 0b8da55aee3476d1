"""Plans as JSON: what people edit, keep and render again."""

import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from goviral.engine.clips.plans.brand_faults import brand_fault
from goviral.engine.clips.plans.cell_faults import cells_fault
from goviral.engine.clips.plans.pace_faults import pace_fault
from goviral.engine.clips.plans.plan import PLAN_VERSION, ClipPlan, Layout, Shot
from goviral.engine.clips.plans.word_faults import words_fault
from goviral.kit.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

_BEYOND_MS = 1000
_ENDING = ".plan.json"
_REMEDY = "Correct it, or delete it and run `goviral clip` again."
_OTHER = "Name a NN-slug.plan.json that `goviral clip` wrote."
_UNKNOWN = "Correct its name or take it out; if a newer goviral wrote the plan, update goviral."
_LONGEST_PLACE = 120


def dump_plan(plan: ClipPlan) -> str:
    """The plan as JSON text, the same text for the same plan; frame rates as `"30000/1001"`."""
    (fields,) = _adapter().dump_python((plan,), mode="json")
    return json.dumps({"version": plan.version, **fields}, ensure_ascii=False, indent=1) + "\n"


def load_plan(text: str, name: str = "The plan") -> ClipPlan:
    """Read a plan back.

    Raises `InputError` that names the field at fault, for JSON that is broken, a plan of a newer
    version, a field there is not, and numbers that no picture can be made of. `name` is what messages
    call the plan.
    """
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        # Only what was a plan may be told to be deleted.
        remedy = _REMEDY if name.endswith(_ENDING) else _OTHER
        raise InputError(f"{name} is not JSON: {error}.", remedy=remedy) from error
    if not isinstance(fields, dict):
        raise InputError(f"{name} is not a plan: it holds no object.", remedy=_OTHER)
    _check_version(fields.get("version"), name)
    plan = _parse(fields, name)
    fault = fault_of(plan)
    if fault:
        raise InputError(f"{name} cannot be rendered: {fault}.", remedy=_REMEDY)
    return plan


def read_plan(path: Path) -> ClipPlan:
    """Read a plan file. Raises `NotFoundError` and `InputError`."""
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise NotFoundError(f"There is no plan {path}.", remedy="Check the path.") from error
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder.", remedy=_one_in(path)) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not a plan.", remedy=_beside(path)) from error
    return load_plan(text, path.name)


def _one_in(folder: Path) -> str:
    plan = min(folder.glob(f"*{_ENDING}"), default=None)
    return f"Name a plan in it, such as {plan}." if plan else _OTHER


def _beside(clip: Path) -> str:
    """A clip, or a still of it, was named for its plan."""
    names = (clip.name.rsplit(".", cut)[0] for cut in range(1, clip.name.count(".") + 1))
    plans = (clip.with_name(f"{name}{_ENDING}") for name in names)
    found = next((plan for plan in plans if plan != clip and plan.exists()), None)
    return f"Its plan is {found}." if found else _OTHER


def plan_schema() -> dict[str, Any]:
    """The JSON Schema of a plan file. What it cannot say (that shots meet) `fault_of` checks."""
    shapes = _adapter().json_schema(mode="validation")["$defs"]
    root = shapes.pop(ClipPlan.__name__)
    schema: dict[str, Any] = {"$defs": shapes, **root}
    version = schema["properties"]["version"]
    version |= {"minimum": 1, "maximum": PLAN_VERSION}
    version.pop("default", None)
    schema["required"] = sorted({*schema["required"], "version"})
    for shape in schema["$defs"].values():
        for field in shape.get("properties", {}).values():
            _say_fraction(field)
    return schema


def _say_fraction(field: dict[str, Any]) -> None:
    """A rate is written as `30000/1001`, `25`, or a plain number."""
    for choice in field.get("anyOf", []):
        if choice.pop("format", "") == "fraction":
            choice["pattern"] = r"^\d+(/[1-9]\d*)?$"


def fault_of(plan: ClipPlan) -> str:
    """What makes a plan impossible to render; empty where nothing does."""
    frame, span = plan.frame, plan.span
    if span.duration_ms <= 0 or span.start_ms < 0:
        return f"its span {span.start_ms}-{span.end_ms} ms is empty"
    if span.end_ms > plan.source.duration_ms + _BEYOND_MS:
        return f"it ends at {span.end_ms} ms, its source at {plan.source.duration_ms} ms"
    if min(frame.width, frame.height) < 16 or frame.width % 2 or frame.height % 2:
        return f"a frame of {frame.width}x{frame.height} is not even and at least 16 wide and high"
    if not 1 <= frame.fps <= 120:
        return f"{frame.fps} frames a second are not between 1 and 120"
    if not plan.shots:
        return "it has no shots"
    faults = (_shot_fault(plan, index) for index in range(len(plan.shots)))
    return (
        next((fault for fault in faults if fault), "")
        or words_fault(plan)
        or pace_fault(plan)
        or brand_fault(plan)
    )


def _shot_fault(plan: ClipPlan, index: int) -> str:
    shot, source = plan.shots[index], plan.source
    starts_ms = plan.shots[index - 1].span.end_ms if index else 0
    if shot.span.start_ms != starts_ms or shot.span.duration_ms <= 0:
        return f"shots[{index}] does not begin where the one before ends"
    if shot.layout is Layout.CANVAS:
        return ""
    if source.video_stream is None:
        return f"shots[{index}] needs a picture and the source has none"
    if shot.layout is Layout.FOLLOW and min(shot.crop_width, shot.crop_height) < 2:
        return f"shots[{index}] has no crop"
    if shot.crop_width > source.width or shot.crop_height > source.height:
        return f"the crop of shots[{index}] is larger than the source"
    fault = cells_fault(shot, plan)
    return f"shots[{index}] {fault}" if fault else _path_fault(shot, index)


def _path_fault(shot: Shot, index: int) -> str:
    times = [key.at_ms for key in shot.path]
    rising = all(earlier < later for earlier, later in pairwise(times))
    return "" if rising else f"the path of shots[{index}] is not in order of time"


def _check_version(version: object, name: str) -> None:
    if not isinstance(version, int) or version < 1:
        raise InputError(f"{name} is not a plan: it has no version.", remedy=_OTHER)
    if version > PLAN_VERSION:
        raise InputError(
            f"{name} was made by a newer goviral (plan version {version}, known: {PLAN_VERSION}).",
            remedy="Update goviral.",
        )


def _parse(fields: dict[str, object], name: str) -> ClipPlan:
    from pydantic import ValidationError

    try:
        return _adapter().validate_python((fields,))[0]
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False)
    unknown = next((one for one in faults if one["type"] == "unexpected_keyword_argument"), None)
    if unknown:
        what = f"has a field that is none of a plan's: {_place(unknown)}"
        raise InputError(f"{name} {what}.", remedy=_UNKNOWN)
    what = f"{_place(faults[0])}: {faults[0]['msg'][0].lower()}{faults[0]['msg'][1:]}"
    raise InputError(f"{name} is broken: {what}.", remedy=_REMEDY)


def _place(fault: "ErrorDetails") -> str:
    """Where in the plan: `shots[0].layout`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"][1:])
    where = "".join(parts).removeprefix(".") or "plan"
    plain = "".join(sign if sign.isprintable() else "?" for sign in where)
    return plain if len(plain) <= _LONGEST_PLACE else f"{plain[:_LONGEST_PLACE]}…"


@cache
def _adapter() -> "TypeAdapter[tuple[ClipPlan]]":
    from pydantic import ConfigDict, TypeAdapter

    # A plain dataclass has no settings of its own; it takes those of what it stands in.
    return TypeAdapter(tuple[ClipPlan], config=ConfigDict(extra="forbid"))
