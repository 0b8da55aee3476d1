"""Requests made from the OpenAPI document, well-formed and not: no 500, no answer it does not name."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as examples
from schemathesis import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from twins.service import bare_app, over, sized

_CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


APP = bare_app()
DOCUMENT = schemathesis.openapi.from_asgi("/openapi.json", APP)
# Every boundary of every field would take minutes.
DOCUMENT.config.phases.coverage.enabled = False


@schemathesis.serializer("application/offset+octet-stream")
def _as_it_is(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module", autouse=True)
def _service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, size: str
) -> Iterator[None]:
    with over(sized(request, tmp_path_factory.mktemp("document"), size)) as services:
        APP.state.services = services
        services.feed.close()  # So that a stream tells what was missed, and ends.
        yield


@DOCUMENT.parametrize()
@examples(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_the_document_names(case: Case) -> None:
    answer = case.call(headers={"x-api-key": "dev-key", **_own_headers(case)})
    case.validate_response(answer, checks=_CHECKS)
    assert answer.headers["x-request-id"]
    if answer.status_code >= 400 and case.method != "HEAD":
        error = answer.json()["error"]
        assert error["code"]
        assert error["message"]


def _own_headers(case: Case) -> dict[str, str]:
    return {"tus-resumable": "1.0.0"} if "/tus" in case.path else {}
