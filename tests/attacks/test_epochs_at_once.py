"""What ends everything of an account or a tenant, while something else does so, too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event

from authserver.accounts.service import get
from authserver.tenants.policy import TenantPolicy
from authserver.tenants.service import get_by_slug
from tests.support.world import UserFixture, World

pytestmark = pytest.mark.every_database

LONG, MOMENT = 20.0, 0.3  # seconds


@contextmanager
def meanwhile(world: World, statement: str, happens: Callable[[], None]) -> Iterator[None]:
    """Let another process do something just before a statement, unless it has to wait for us."""
    engine, thread = world.services.database.engine, Thread(target=happens)

    def note(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        if text.startswith(statement) and thread.ident is None:
            thread.start()
            thread.join(MOMENT)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", note)
    thread.join(LONG)


def disable(world: World, person: UserFixture, tx: Any) -> None:
    world.services.accounts.set_enabled(
        tx, person.tenant.id, user_id=person.id, enabled=False, actor=world.operator
    )


def demand_password(world: World, person: UserFixture, tx: Any) -> None:
    world.services.accounts.require_password_change(
        tx, person.tenant.id, user_id=person.id, actor=world.operator
    )


def set_password(world: World, person: UserFixture, tx: Any) -> None:
    made = world.services.hasher.hash("Another-Horse-8")
    world.services.accounts.set_password(
        tx, person.tenant.id, user_id=person.id, password_hash=made, actor=world.operator
    )


@pytest.mark.attack("TOP-10")
@pytest.mark.parametrize("change", [disable, demand_password, set_password])
def test_what_ends_everything_counts_beside_what_does_so_at_the_same_moment(
    world: World,
    another: Callable[[], World],
    change: Callable[[World, UserFixture, Any], None],
) -> None:
    person, other = world.user(world.tenant()), another().services

    def end() -> None:
        other.database.write(
            lambda tx: other.accounts.end_everything(tx, person.tenant.id, user_id=person.id)
        )

    with meanwhile(world, "UPDATE users", end):
        world.services.database.write(lambda tx: change(world, person, tx))
    with world.services.database.read() as view:
        assert get(view, person.tenant.id, person.id).security_epoch == 3


def suspend(world: World, slug: str, tx: Any) -> None:
    world.services.tenants.suspend(tx, slug, world.operator)


def demand_factors(world: World, slug: str, tx: Any) -> None:
    policy = TenantPolicy(mfa_required=True)
    world.services.tenants.set_policy(tx, slug, policy, actor=world.operator)


@pytest.mark.attack("TOP-10")
def test_a_tenant_that_is_closed_and_demands_more_at_once_ends_everything_twice(
    world: World, another: Callable[[], World]
) -> None:
    tenant, other = world.tenant(), another()

    def demand() -> None:
        other.services.database.write(lambda tx: demand_factors(other, tenant.slug, tx))

    with meanwhile(world, "UPDATE tenants", demand):
        world.services.database.write(lambda tx: suspend(world, tenant.slug, tx))
    with world.services.database.read() as view:
        row = get_by_slug(view, tenant.slug)
        assert (row.security_epoch, row.mfa_required) == (3, True)
