"""What the page about the library promises is there, and all there is stands in it."""

import re
from pathlib import Path

from fastapi.routing import APIRoute

from goviral.features.library import events
from goviral.features.library.routes import clips, static, tus, uploads, videos
from goviral.kit.server_settings import LibrarySettings

PAGE = (Path(__file__).parents[3] / "docs" / "library.md").read_text(encoding="utf-8")


def test_every_event_is_described() -> None:
    names = {value for name, value in vars(events).items() if name.isupper()}
    assert names
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def test_every_setting_it_names_exists() -> None:
    fields = {f"LIBRARY_{name.upper()}" for name in LibrarySettings.model_fields}
    named = set(re.findall(r"`(LIBRARY_[A-Z_]+)`", PAGE))
    assert named - {"LIBRARY_MAX_"} <= fields


def test_every_address_of_the_library_is_described() -> None:
    modules = (clips, static, tus, uploads, videos)
    routes = [
        route for module in modules for route in module.router.routes if isinstance(route, APIRoute)
    ]
    mine = {
        (method, route.path)
        for route in routes
        if route.include_in_schema
        for method in route.methods
    }
    assert ("PATCH", "/uploads/tus/{upload_id}") in mine
    listed = set(re.findall(r"^\| `([A-Z]+) ([^` ?]+)", PAGE, re.MULTILINE))
    assert listed == mine
