"""The API's description is exact: schemathesis finds no difference between it and the answers."""

import os
import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from authserver.admin.caller import API
from authserver.core.limits import buckets
from tests.admin.callers import Caller, person
from tests.admin.specimens import MAKERS
from tests.support.browser import ISSUER
from tests.support.world import World

pytestmark = [pytest.mark.any_database, pytest.mark.timeout(300)]

EXAMPLES = int(os.environ.get("AUTHTEST_EXAMPLES", "8"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(name="admin")
def _admin(world: World, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setattr("authserver.admin.rest.lane._RATE", buckets.Rate(1_000_000, 60))
    return person(world, "PLATFORM_ADMIN")


def test_no_answer_is_another_than_the_description_says(world: World, admin: Caller) -> None:
    schema = schemathesis.openapi.from_wsgi(f"{API}/openapi.json", world.app)
    found = [operation.ok() for operation in schema.get_all_operations()]
    assert len(found) > 100
    differences, answered = {}, {}
    for operation in found:
        seen: set[int] = set()
        try:
            asked(operation, admin, place(operation.path, admin), seen)
        except (AssertionError, BaseExceptionGroup) as difference:
            each = getattr(difference, "exceptions", [difference])
            differences[operation.label] = [str(one)[:300] for one in each]
        answered[operation.label] = seen
    assert differences == {}
    succeeded = [label for label, seen in answered.items() if min(seen) < 300]
    assert len(succeeded) > len(found) / 2


def place(path: str, admin: Caller) -> dict[str, str]:
    """Return a tenant that is open to the caller, with one of everything that the path names."""
    tenant = admin.world.tenant()
    reason = {"reason": "To try what the description says", "minutes": 60}
    opened = admin.call("POST", f"/tenants/{tenant.id}/access", reason)
    assert opened.status_code == 201, opened.text
    names = re.findall(r"{(\w+)}", path)
    return {name: MAKERS[name](admin.world, tenant) for name in names}


def asked(operation: Any, admin: Caller, there: dict[str, str], seen: set[int]) -> None:
    """Ask some cases of one operation, of what there is and of what there is not."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=booleans())
    def holds(case: Case, *, real: bool) -> None:
        known = there if real else {name: there[name] for name in there if name == "tenant_id"}
        case.path_parameters = {**(case.path_parameters or {}), **known}
        case.headers["Authorization"] = f"Bearer {admin.token}"
        answer = case.call(base_url=f"{ISSUER}{API}")
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    holds()
