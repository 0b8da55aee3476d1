"""What stands in `deploy/` fits the code: settings, commands, users."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from goviral.entrypoints.cli.commands.worker import QueueName
from goviral.entrypoints.cli.main import app
from goviral.kit.jobs.models import QUEUES

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
OURS = ("migrate", "api", "worker", "scheduler", "relay")
NOT_OURS = {"POSTGRES_PASSWORD", "MINIO_PORT"}


def settings() -> set[str]:
    rows = re.findall(
        r"^\| (`[^|]+`) \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE
    )
    return {name for row in rows for name in re.findall(r"`([A-Z0-9_]+)`", row)}


def test_the_example_has_every_setting_of_the_page_and_no_other() -> None:
    text = (ROOT / "deploy" / "env.example").read_text()
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE))
    missing = {
        name
        for name in settings() - named
        if not re.search(rf"`{name}`, `|`, `{name}`", (ROOT / "docs" / "settings.md").read_text())
    }
    assert not missing
    assert named - settings() <= NOT_OURS


def test_compose_uses_only_settings_there_are() -> None:
    text = (ROOT / "deploy" / "compose.yaml").read_text()
    given = set(COMPOSE["x-goviral"]["environment"]) | set(re.findall(r"\$\{([A-Z0-9_]+)", text))
    assert given <= settings() | NOT_OURS


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_a_command_there_is_without_rights(name: str) -> None:
    service: dict[str, Any] = COMPOSE["services"][name]
    assert service["command"][0] in get_command(app).commands  # type: ignore[attr-defined]
    assert service["user"] == "10001:10001"
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


def test_the_image_does_not_run_as_root() -> None:
    text = (ROOT / "deploy" / "server" / "Dockerfile").read_text()
    assert re.search(r"useradd .*--uid 10001", text)
    assert text.index("USER goviral") < text.index("ENTRYPOINT")


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==(\S+)", lock.read_text(), re.MULTILINE))


@pytest.mark.parametrize(("image", "extra"), [("server", "server"), ("worker", "runpod")])
def test_an_image_installs_what_was_tested_and_nothing_unhashed(image: str, extra: str) -> None:
    folder = ROOT / "deploy" / image
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"][extra]]
    locked = pins(folder / "requirements.lock")
    assert {re.split(r"[^a-z0-9-]", one)[0] for one in wanted} <= set(locked), "run `make lock`"
    tested = pins(ROOT / "requirements.lock")
    assert {one: tested.get(one, version) for one, version in locked.items()} == locked
    for line in re.findall(r"pip install .*", (folder / "Dockerfile").read_text()):
        assert "--require-hashes" in line or "--no-deps ." in line


def test_the_commands_know_every_queue() -> None:
    assert {queue.value for queue in QueueName} == set(QUEUES)
