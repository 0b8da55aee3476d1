"""The pages about the API: they work where there is no internet."""

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from goviral.features.accounts.services import Services
from twins.service import app_over

_FETCHED = re.compile(r'(?:src|href)\s*=\s*"([^"]+)"|url: [\'"]([^\'"]+)')


@pytest.fixture
def visitor(services: Services) -> Iterator[TestClient]:
    with TestClient(app_over(services)) as client:
        yield client


@pytest.mark.parametrize(
    ("page", "script"),
    [
        ("/docs", "/docs/static/swagger-ui-bundle.js"),
        ("/redoc", "/docs/static/redoc.standalone.js"),
    ],
)
def test_all_that_a_page_fetches_comes_from_the_service(
    visitor: TestClient, page: str, script: str
) -> None:
    shown = visitor.get(page).text
    fetched = {address for pair in _FETCHED.findall(shown) for address in pair if address}
    assert script in fetched
    for address in fetched:
        assert address.startswith("/"), address
        assert not address.startswith("//"), address
        assert visitor.get(address).status_code == 200, address
    assert "javascript" in visitor.get(script).headers["content-type"]


def test_nothing_else_of_the_machine_lies_beside_the_scripts(visitor: TestClient) -> None:
    for path in ("/docs/static/", "/docs/static/../core.py", "/docs/static/%2e%2e/core.py"):
        assert visitor.get(path).status_code == 404
