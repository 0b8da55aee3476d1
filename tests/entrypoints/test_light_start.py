"""`goviral --help` answers at once, because nothing heavy is imported before it is used."""

import subprocess
import sys

HEAVY = (
    "alembic", "av", "celery", "cv2", "fastapi", "faster_whisper", "httpx2", "numpy", "openai",
    "opentelemetry", "PIL", "prometheus_client", "pydantic", "redis", "sqlalchemy", "structlog",
    "uvicorn", "yt_dlp",
)  # fmt: skip


def test_the_command_line_starts_without_anything_heavy() -> None:
    code = (
        f"import sys, goviral.entrypoints.cli.main\nprint([n for n in {HEAVY} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
