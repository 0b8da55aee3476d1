"""Write the API's OpenAPI document to `docs/openapi.json`; `--check`: is it old?"""

import json
import sys
import tempfile
from pathlib import Path

from goviral.entrypoints.api.app import create_app
from goviral.entrypoints.api.services import build_services
from goviral.kit.server_settings import ServerSettings
from goviral.kit.settings import load_settings

PAGE = Path(__file__).parent.parent / "docs" / "openapi.json"


def document() -> str:
    """The document of this code, whatever the machine's settings are."""
    with tempfile.TemporaryDirectory() as folder:
        server = ServerSettings(env="dev", data_dir=Path(folder))
        services = build_services(load_settings().model_copy(update={"server": server}))
        schema = create_app(services).openapi()
        services.database.close()
    schema["info"]["version"] = "v1"
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> int:
    text = document()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv:
        print("old: docs/openapi.json: run python scripts/write_openapi.py")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
