"""A tenant shortens the lives of its people's sessions; it cannot lengthen them."""

import pytest
from sqlalchemy import update

from authserver.audit.events import EventType
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy, UnfitPolicy
from tests.support.account import enter
from tests.support.browser import Browser
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World


@pytest.fixture
def person(world: World) -> UserFixture:
    return world.user(world.tenant())


def shorten(world: World, tenant: TenantFixture, idle: int | None, absolute: int | None) -> None:
    policy = TenantPolicy(session_idle_minutes=idle, session_absolute_minutes=absolute)
    world.services.database.write(
        lambda tx: world.services.tenants.set_policy(tx, tenant.slug, policy, actor=world.operator)
    )
    world.services.watch.changed()


def is_in(browser: Browser) -> bool:
    return browser.get("/account").status_code == 200


def test_a_session_ends_after_the_tenants_time_without_use(
    world: World, person: UserFixture
) -> None:
    shorten(world, person.tenant, 15, None)
    for seconds in (899, 900):
        browser = Browser(world)
        enter(browser, person)
        world.clock.move(seconds=seconds)
        assert is_in(browser) == (seconds < 15 * 60)


def test_use_keeps_a_session_until_the_tenants_whole_life_is_over(
    world: World, person: UserFixture
) -> None:
    browser = Browser(world)
    shorten(world, person.tenant, 15, 60)
    enter(browser, person)
    for _ in range(5):
        world.clock.move(minutes=10)
        assert is_in(browser)
    world.clock.move(minutes=10)
    assert not is_in(browser)


def test_sessions_that_have_begun_are_shortened_and_those_of_others_are_not(
    world: World, person: UserFixture
) -> None:
    mine, other = Browser(world), Browser(world)
    enter(mine, person)
    enter(other, world.user(world.tenant()))
    world.clock.move(minutes=40)
    shorten(world, person.tenant, None, 30)
    assert (is_in(mine), is_in(other)) == (False, True)


def test_a_session_that_is_over_is_not_kept_by_its_use_nor_listed(
    world: World, person: UserFixture
) -> None:
    shorten(world, person.tenant, 15, None)
    first, second = Browser(world), Browser(world)
    enter(first, person)
    world.clock.move(minutes=16)
    enter(second, person)
    for _ in range(2):
        assert not is_in(first)
    assert second.get("/account/sessions").text.count('class="row"') == 1


def test_the_installations_lives_come_back(world: World, person: UserFixture) -> None:
    browser = Browser(world)
    shorten(world, person.tenant, 15, 60)
    shorten(world, person.tenant, 0, 0)
    enter(browser, person)
    world.clock.move(minutes=59)
    assert is_in(browser)
    changes = events(world, person.tenant.id, EventType.TENANT_CHANGED)
    assert changes[-1].document["after"] == {
        "session_idle_minutes": None,
        "session_absolute_minutes": None,
    }


@pytest.mark.parametrize(
    ("idle", "absolute"), [(61, None), (None, 24 * 60 + 1), (4, None), (30, 20), (-5, None)]
)
def test_a_life_that_is_longer_or_makes_no_sense_is_refused(
    world: World, person: UserFixture, idle: int | None, absolute: int | None
) -> None:
    with pytest.raises(UnfitPolicy):
        shorten(world, person.tenant, idle, absolute)
    assert events(world, person.tenant.id, EventType.TENANT_CHANGED) == []


def test_a_longer_life_counts_for_nothing_even_where_it_is_stored(
    world: World, person: UserFixture
) -> None:
    """The installation may have been tightened after the tenant was."""
    browser = Browser(world)
    enter(browser, person)
    longer = update(Tenant).where(Tenant.id == person.tenant.id)
    world.services.database.write(
        lambda tx: tx.platform().execute(longer.values(session_idle_minutes=600))
    )
    world.clock.move(minutes=60)
    assert not is_in(browser)
