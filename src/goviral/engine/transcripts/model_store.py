"""Whisper models on this machine: found, or fetched once from the Hugging Face hub."""

import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typing_extensions import override

from goviral.engine.transcripts.engine import Cancelled, check
from goviral.kit.errors import AppError, DependencyError, DiskFullError, InputError
from goviral.kit.files import is_disk_full
from goviral.kit.progress import Progress

STAGE = "model"
_FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_ANSWER_S = 3.0
_LARGE_BYTES = 10 << 20
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_REMEDY = (
    "Connect to the internet once, or give a folder with a CTranslate2 Whisper model "
    "(--model FOLDER or GOVIRAL_WHISPER_MODEL), or use --engine pocketsphinx for English drafts."
)


class ModelStore:
    """A folder of models, and the cache that other programs on this machine share.

    `hub` is another hub's address, for a mirror; None: the public one, or what HF_ENDPOINT says.
    """

    def __init__(self, folder: Path, *, offline: bool = False, hub: str | None = None) -> None:
        self._folder = folder
        self._offline = offline
        self._hub = hub

    def obstacle(self, name: str) -> str | None:
        """Why `name` can be neither found nor fetched, None where it can. Answers in about 3 s."""
        try:
            if self.find(name) is not None:
                return None
            repository = _repository(name)
        except AppError as error:
            return error.message
        if self._offline:
            return (
                f"The Whisper model {name!r} is not on this machine and fetching is switched off."
            )
        if not self._hub_has(repository):
            return f"The Whisper model {name!r} is not on this machine and the hub does not answer."
        return None

    def find(self, name: str) -> Path | None:
        """The folder of the model `name`, itself a folder or a name in the caches.

        Raises `InputError` for a folder without a model.
        """
        folder = Path(name).expanduser()
        if (folder / "model.bin").is_file():
            return folder
        if folder.is_dir() and name not in _known_names():
            raise InputError(
                f"There is no Whisper model in {folder}.",
                remedy="Give a folder with model.bin, config.json and tokenizer.json.",
            )
        for cache in (self._folder, None):
            found = _cached(_repository(name), cache)
            if found is not None:
                return found
        return None

    def fetch(self, name: str, progress: Progress, cancelled: Cancelled) -> Path:
        """The folder of the model, fetched when it is not here.

        Raises `DependencyError` when that cannot be done now, `DiskFullError`.
        """
        found = self.find(name)
        if found is not None:
            return found
        obstacle = self.obstacle(name)
        if obstacle is not None:
            raise DependencyError(obstacle, remedy=_REMEDY)
        progress.start(STAGE)
        folder = self._download(_repository(name), _bars(progress, cancelled))
        progress.finish(STAGE, f"{name} is in {folder}")
        return folder

    def _download(self, repository: str, bars: type) -> Path:
        import httpx2
        from huggingface_hub import snapshot_download

        try:
            return Path(
                snapshot_download(
                    repository,
                    cache_dir=self._folder,
                    allow_patterns=list(_FILES),
                    endpoint=self._hub,
                    etag_timeout=_ANSWER_S,
                    tqdm_class=bars,
                )
            )
        except httpx2.HTTPError as error:
            raise DependencyError(
                f"The model {repository} could not be fetched: {error}", remedy=_REMEDY
            ) from error
        except OSError as error:
            if is_disk_full(error):
                raise DiskFullError(
                    f"The disk is full: {repository} does not fit into {self._folder}.",
                    remedy="Free some space, or set GOVIRAL_CACHE_DIR to another disk.",
                ) from error
            raise DependencyError(
                f"Fetching the model {repository} broke off: {error}", remedy=_REMEDY
            ) from error

    def _hub_has(self, repository: str) -> bool:
        from huggingface_hub import HfApi

        api = HfApi(endpoint=self._hub)
        return _within(_ANSWER_S, lambda: api.model_info(repository, timeout=_ANSWER_S))


def _within(seconds: float, ask: Callable[[], object]) -> bool:
    """Whether `ask` comes back in time without an error.

    In a thread of its own: a name server that does not answer holds a call up for half a minute,
    whatever time limit it was given.
    """
    answers: list[bool] = []

    import httpx2

    def attempt() -> None:
        try:
            ask()
        except (httpx2.HTTPError, OSError, ValueError, RuntimeError):
            return
        answers.append(True)

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(answers)


def _repository(name: str) -> str:
    """The hub's address of a model: a short name's, or `owner/model` as it is."""
    known = _known_names()
    if name in known:
        return known[name]
    if _HUB_NAME.fullmatch(name):
        return name
    raise InputError(
        f"There is no Whisper model {name!r}, neither a folder nor a name.",
        remedy=f"Give a folder, a hub name (owner/model) or one of {', '.join(known)}.",
    )


def _known_names() -> dict[str, str]:
    from faster_whisper.utils import _MODELS

    return dict(_MODELS)


def _cached(repository: str, cache: Path | None) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, "model.bin", cache_dir=cache)
    folder = Path(found).parent if isinstance(found, str) else None
    complete = folder is not None and (folder / "tokenizer.json").is_file()
    return folder if complete else None


def _bars(progress: Progress, cancelled: Cancelled) -> type:
    """A progress bar class for the hub's library that tells our progress instead of drawing."""
    from huggingface_hub.utils import tqdm  # type: ignore[attr-defined]

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self._told = kwargs.get("unit") == "B" and (kwargs.get("total") or 0) > _LARGE_BYTES
            super().__init__(*args, **{**kwargs, "disable": True})  # type: ignore[no-untyped-call]
            if self._told:
                progress.start(STAGE, kwargs["total"])
            self._done = kwargs.get("initial") or 0

        @override
        def update(self, n: float | None = 1) -> None:
            check(cancelled)
            self._done += n or 0
            if self._told:
                progress.advance(STAGE, self._done)

    return Bar
