"""A secret that makes itself at first start and is kept beside the database of the one-machine size."""

import contextlib
import secrets
from pathlib import Path


def kept_secret(path: Path) -> str:
    """64 random characters, made once and read by every later start; only its owner may read it."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    partial.touch(mode=0o600)
    partial.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        # Linking refuses where another process was first; then its secret is ours too.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(partial)
    finally:
        partial.unlink()
    return path.read_text(encoding="ascii").strip()
