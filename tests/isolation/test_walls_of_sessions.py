"""The second wall behind a tenant's session without criteria, and where it begins and ends."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from authserver.core.database.engine import Transaction
from authserver.core.database.tenancy import IsolationError, TenantSession
from authserver.core.database.wall.scope import SETTING
from authserver.tenants.models import Tenant
from tests.isolation.rows import Rows
from tests.support.world import World

pytestmark = pytest.mark.parametrize("installation", ["postgresql"], indirect=True, scope="package")

EVERYBODY = "*"


@pytest.fixture
def without_criteria(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first wall away: a tenant's session runs whatever it is given, as it is."""
    monkeypatch.setattr(TenantSession, "confine", lambda *_: None)
    monkeypatch.setattr(TenantSession, "inspect", lambda *_: None)


def seen(session: Any) -> set[str]:
    return set(session.scalars(select(Tenant.id)))


@pytest.mark.usefixtures("without_criteria")
def test_a_session_without_criteria_is_still_shown_its_own_tenant(
    installation: World, tenants: tuple[Rows, Rows]
) -> None:
    ours, theirs = (rows["tenants"]["id"] for rows in tenants)
    database = installation.services.database

    def job(transaction: Transaction) -> list[set[str]]:
        found = [seen(transaction.tenant(ours)), seen(transaction.tenant(theirs))]
        found.append(seen(transaction.platform()))
        found.append(seen(transaction.tenant(ours)))
        with transaction.tenant(theirs).begin_nested() as savepoint:
            found.append(seen(transaction.tenant(theirs)))
            savepoint.rollback()
        # What was said within the savepoint went with it.
        found += [seen(transaction.tenant(theirs)), seen(transaction.tenant(ours))]
        return found

    with database.read() as view:
        everybody = seen(view.platform())
        reading = [seen(view.tenant(ours)), seen(view.platform()), seen(view.tenant(theirs))]
    assert {ours, theirs} <= everybody
    assert reading == [{ours}, everybody, {theirs}]
    for _ in range(2):
        assert database.write(job) == [
            {ours}, {theirs}, everybody, {ours}, {theirs}, {theirs}, {ours},
        ]  # fmt: skip
    with database.read() as view:
        assert seen(view.platform()) == everybody


@pytest.mark.usefixtures("without_criteria")
def test_a_session_without_criteria_writes_nothing_for_another_tenant(
    installation: World, tenants: tuple[Rows, Rows]
) -> None:
    ours, theirs = (rows["tenants"]["id"] for rows in tenants)
    database = installation.services.database
    change = update(Tenant).where(Tenant.id == theirs).values(name="Taken")
    assert database.write(lambda tx: tx.tenant(ours).execute(change).rowcount) == 0
    with database.read() as view, pytest.raises(DBAPIError, match="read-only"):
        view.tenant(ours).execute(update(Tenant).values(name="Taken"))


@pytest.mark.parametrize("whose", ["*", "' OR true --", "x'; SET LOCAL role = 'postgres", "é"])
def test_what_is_no_id_opens_no_session(installation: World, whose: str) -> None:
    with installation.services.database.read() as view, pytest.raises(IsolationError):
        view.tenant(whose).scalars(select(Tenant.id)).all()


def test_a_connection_that_comes_back_is_the_platforms_again(
    installation: World, tenants: tuple[Rows, Rows]
) -> None:
    database = installation.services.database
    ours = tenants[0]["tenants"]["id"]

    def fails(transaction: Transaction) -> None:
        seen(transaction.tenant(ours))
        raise LookupError

    def reads_and_fails() -> None:
        with database.read() as view:
            seen(view.tenant(ours))
            raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            database.write(fails)
        with pytest.raises(LookupError):
            reads_and_fails()
        with database.read() as view:
            said = view.connection.execute(select(func.current_setting(SETTING)))
            assert said.scalar() == EVERYBODY


def test_lists_are_planned_for_their_own_values_until_the_transaction_ends(
    installation: World, tenants: tuple[Rows, Rows]
) -> None:
    database, ours = installation.services.database, tenants[0]["tenants"]["id"]
    mode = select(func.current_setting("plan_cache_mode"))
    with database.read() as view:
        view.tenant(ours).plan_anew()
        assert view.connection.scalar(mode) == "force_custom_plan"
    with database.read() as view:
        view.platform().plan_anew()
        assert view.connection.scalar(mode) == "auto"

    def job(transaction: Transaction) -> str | None:
        transaction.platform().plan_anew()
        return transaction.connection.scalar(mode)

    assert database.write(job) == "force_custom_plan"
    assert database.write(lambda tx: tx.connection.scalar(mode)) == "auto"
