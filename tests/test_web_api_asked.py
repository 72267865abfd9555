"""The API is asked everything that its description allows, and much that it does not: it always has an answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import positive_data_acceptance

from hipdrive.web.api import openapi
from web_api import WHO, api_app, filled_diary

FAST, MANY = 3, 25  # requests of each kind
LAST = "/api/v1/erase"
CHANGING_FIRST = sorted(
    ((path, method) for path, methods in openapi()["paths"].items() for method in methods),
    key=lambda one: (one[0] == LAST, one[1] == "get", one),
)

# days and moments that the diary takes, so that what is sent gets past the first check
schemathesis.openapi.format("date", st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(str))
schemathesis.openapi.format(
    "date-time",
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(datetime.isoformat),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    with api_app(filled_diary(tmp_path_factory.mktemp("app"))) as app:
        yield app


@pytest.fixture(scope="module")
def described(app: FastAPI) -> Any:
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)


def ask(described: Any, path: str, method: str, most: int) -> None:
    """Send requests that are as described, and such that are not, and hold the answers against the description."""

    @given(case=described[path][method].as_strategy())
    @settings(
        max_examples=most, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def all_is_well(case: Any) -> None:
        # a description cannot say all that is wrong: an exercise twice, a zone that is nowhere, a plan that has stopped
        case.call_and_validate(headers={WHO: "Berta"}, excluded_checks=[positive_data_acceptance])

    all_is_well()


@pytest.mark.parametrize(("path", "method"), CHANGING_FIRST)
def test_every_answer_is_as_described(described: Any, path: str, method: str) -> None:
    ask(described, path, method, FAST)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), CHANGING_FIRST)
def test_many_answers_are_as_described(described: Any, path: str, method: str) -> None:
    ask(described, path, method, MANY)
