"""GRANTS x CHECKS: no grant escapes a check, because none runs before every check has passed."""

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace
from unittest.mock import AsyncMock, Mock
from urllib.parse import urlencode

import pytest

from authserver.clients.options import DEFAULTS
from authserver.core.database.commits import do
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import MachineRequest
from authserver.oauth.token import checks, endpoint
from authserver.oauth.token.endpoint import TokenEndpoint
from authserver.oauth.token.grants import GRANTS
from tests.support.source import SERVER, modules, name, parsed

CLIENT = SimpleNamespace(
    id="cli_1", rate=None, options=DEFAULTS, tenant=SimpleNamespace(id="ten_1")
)


class Escaped(Exception):  # noqa: N818  what went wrong, not what to handle
    """A grant ran although a check refused."""


def token_endpoint() -> TokenEndpoint:
    """Return the endpoint; whoever reaches the grants gets an Escaped."""
    authentication = Mock(authenticate=AsyncMock(return_value=CLIENT))
    tools = Mock()
    tools.database.run = tools.database.run_alone = lambda work: do(work, Mock())
    clock = Mock(now=Mock(return_value=datetime.now(UTC)))
    proofs = Mock(take=AsyncMock(return_value=None))
    return TokenEndpoint(
        authentication, tools, mint=Mock(), limiter=Mock(), clock=clock, proofs=proofs
    )


def request_for(grant_type: str) -> MachineRequest:
    body = urlencode({"grant_type": grant_type}).encode()
    environ = {
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    return MachineRequest("POST", Mock(), "192.0.2.1", "cor_1", environ)


@pytest.fixture
def traps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Replace every grant by one that tells when it is made."""
    trapped = dict.fromkeys(GRANTS, Mock(side_effect=Escaped))
    monkeypatch.setattr(endpoint, "GRANTS", trapped)
    return


@pytest.mark.usefixtures("traps")
@pytest.mark.parametrize(
    "position", range(len(checks.CHECKS)), ids=lambda i: checks.CHECKS[i].__name__
)
@pytest.mark.parametrize("grant_type", list(GRANTS))
def test_grant_does_not_run_when_a_check_refuses(
    grant_type: str, position: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[int] = []

    def stand_in(index: int) -> Callable[[object], None]:
        def check(_request: object) -> None:
            passed.append(index)
            if index == position:
                raise OAuthError("invalid_request", "refused by the check")

        return check

    monkeypatch.setattr(
        endpoint, "CHECKS", tuple(stand_in(index) for index in range(len(checks.CHECKS)))
    )
    with pytest.raises(OAuthError, match="refused by the check"):
        token_endpoint().answer(request_for(grant_type))
    assert passed == list(range(position + 1))


@pytest.mark.usefixtures("traps")
@pytest.mark.parametrize("grant_type", list(GRANTS))
def test_grant_runs_when_every_check_passed(
    grant_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "CHECKS", tuple(Mock() for _ in checks.CHECKS))
    with pytest.raises(Escaped):
        token_endpoint().answer(request_for(grant_type))


def test_every_check_of_the_file_is_in_the_list() -> None:
    defined = [
        getattr(checks, node.name)
        for node in parsed(SERVER / "oauth" / "token" / "checks.py").body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("check_", "reject_"))
    ]
    assert list(checks.CHECKS) == defined, "in the order in which they are written"


def test_every_grant_of_the_folder_is_in_the_table() -> None:
    files = {path.stem for path in (SERVER / "oauth" / "token" / "grants").glob("*.py")}
    assert {grant.__module__.rpartition(".")[2] for grant in GRANTS.values()} == files - {
        "__init__",
        "base",
    }


def test_only_the_token_endpoint_runs_grants_and_mints() -> None:
    # A trial mints what nobody gets: tests/admin/clients/test_using_api.py.
    users = {
        name(path)
        for path in modules("authserver/oauth", "authserver/login")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"mint", "authorize", "settle"}
    }
    assert users == {"authserver/oauth/token/endpoint.py", "authserver/oauth/token/trial.py"}
