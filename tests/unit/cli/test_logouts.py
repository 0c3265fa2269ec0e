"""What operators see of clients that are told of the end of sessions, and what they can do."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import update

from authserver.core.clock import SystemClock
from authserver.core.ids import new_id
from authserver.settings import Settings
from authserver.tokens.models import LogoutNotice
from authserver.wiring.services import Services, build

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]


@pytest.fixture
def services(data_dir: Path) -> Iterator[Services]:
    """Return those of the installation that the commands work on."""
    built = build(Settings(data_dir=data_dir), SystemClock())
    yield built
    built.database.close()


@pytest.fixture
def notice(answer: Answer, services: Services) -> str:
    """Make a client that could not be told of the end of a session."""
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")
    described = ("--tenant", "acme", "--name", "API", "--kind", "service")
    client_id = str(answer("clients", "create", *described)["client_id"])
    tenant_id, now = services.caches.tenants.get("acme").id, services.clock.now()
    row = LogoutNotice(
        id=new_id("lgn"),
        session_id=new_id("ses"),
        user_id=new_id("usr"),
        issuer="http://localhost:8000",
        client_tenant_id=tenant_id,
        client_id=client_id,
        attempts=8,
        created_at=now,
        due_at=now,
        failed_at=now,
        last_error="the server answered with status 500",
    )
    services.database.write(lambda tx: tx.tenant(tenant_id).add(row))
    return str(row.id)


def test_what_was_given_up_is_listed_and_can_be_tried_again(
    notice: str, run: Run, answer: Answer
) -> None:
    said = answer("logouts", "list", "--state", "failed")
    (shown,) = said["notices"]
    assert said["counts"] == {"live": 0, "waiting": 0, "sending": 0, "failed": 1, "sent": 0}
    assert (shown["id"], shown["state"], shown["attempts"]) == (notice, "failed", 8)
    assert "status 500" in run("logouts", "list").stdout
    assert answer("logouts", "retry", "--failed") == {"retried": [notice]}
    (shown,) = answer("logouts", "list")["notices"]
    assert (shown["state"], shown["attempts"]) == ("waiting", 0)


def test_who_was_told_is_not_told_again(notice: str, services: Services, run: Run) -> None:
    told = update(LogoutNotice).values(sent_at=services.clock.now(), failed_at=None)
    services.database.write(lambda tx: tx.platform().execute(told))
    done = run("logouts", "retry", notice)
    assert done.exit_code == 1
    assert notice in done.stderr


@pytest.mark.parametrize("given", [(), ("--failed", "lgn_1")])
def test_retry_wants_ids_or_all(run: Run, given: tuple[str, ...]) -> None:
    assert run("logouts", "retry", *given).exit_code == 2
