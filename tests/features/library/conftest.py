"""A library on a folder, on an S3 server and on one of Google Cloud Storage; films of known content; jobs run when told."""

import hashlib
from collections.abc import Callable, Iterator

import pytest

from e2e.films import film as make_film
from goviral.features.accounts.services import Services
from goviral.kit.jobs.ledger import Ledger
from goviral.kit.jobs.models import QUEUES
from goviral.kit.jobs.runner import Runner
from goviral.kit.settings import Settings
from servers import store_settings
from twins.service import over

RunJobs = Callable[[], int]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds of a test card with sound."""
    return make_film(tmp_path_factory.mktemp("films") / "film.mp4", seconds=3).read_bytes()


@pytest.fixture(scope="session")
def film_sha256(film: bytes) -> str:
    return hashlib.sha256(film).hexdigest()


@pytest.fixture
def run_jobs(services: Services) -> Iterator[RunJobs]:
    """Run all jobs that are due; how many there were."""
    runner = Runner(
        services.database, services.registry, services.queue, Ledger(), services=services
    )

    def run() -> int:
        count = 0
        while any(runner.run_next(queue) is not None for queue in QUEUES):
            count += 1
        return count

    yield run
    runner.close()


@pytest.fixture
def services(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Services]:
    """The service on the store a test is parametrised with (`sending.on_every_store`), else any."""
    backend = getattr(request, "param", None)
    chosen = {"storage": store_settings(request, backend)} if backend else {}
    with over(settings.model_copy(update=chosen)) as built:
        yield built
