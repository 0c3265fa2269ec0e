"""Domains: added, proved by the DNS, routed, lost after a while, given up."""

import os
from collections.abc import Callable

import pytest

from authserver.audit.events import EventType
from authserver.core.problems import Conflict, NotFound, Unavailable
from authserver.federation.values import Connection, Kind
from authserver.tenants import domains
from authserver.tenants.domains import Route
from authserver.tenants.proving.service import GRACE, MOST
from tests.support.dns import Records
from tests.support.domains import House
from tests.support.federation import by, connect, disable, set_policy, write
from tests.support.parallel import at_once
from tests.support.world import World


@pytest.fixture
def dns() -> Records:
    return Records()


@pytest.fixture
def house(world: World, dns: Records) -> House:
    return House(world, dns, f"d-{os.urandom(5).hex()}.example")


def test_a_domain_is_proved_by_its_record(house: House) -> None:
    added = house.add()
    assert added.verified_at is None
    with pytest.raises(Conflict, match="not there yet"):
        house.verify()
    assert house.proved == frozenset()
    house.dns.put((added.record[0], "v=spf1 -all"))
    with pytest.raises(Conflict):
        house.verify()
    house.dns.put(added.record)
    assert house.verify().verified_at == house.world.clock.now()
    assert house.proved == {house.domain}
    assert house.dns.asked == [f"_authserver-challenge.{house.domain}"] * 3
    house.verify()
    assert house.said(EventType.DOMAIN_VERIFIED) == [{"domain": house.domain}]


def test_a_domain_is_added_once_and_keeps_its_record(house: House) -> None:
    first = house.add()
    house.domain = house.domain.upper()
    assert house.add() == first
    assert len(house.said(EventType.DOMAIN_ADDED)) == 1


def test_two_who_add_a_domain_at_once_get_one_record(
    house: House, another: Callable[[], World]
) -> None:
    other = House(another(), house.dns, house.domain)
    other.tenant = house.tenant
    for number in range(6):
        house.domain = other.domain = f"n{number}.{house.domain}"
        first, second = at_once(house.add, other.add)
        assert first.token == second.token
    assert len(house.said(EventType.DOMAIN_ADDED)) == 6


def test_a_tenant_has_so_many_domains_at_most(house: House) -> None:
    def fill(tx: object) -> None:
        for number in range(MOST):
            house.service.add(tx, house.tenant.id, f"n{number}.{house.domain}", actor=house.actor)

    write(house.world, fill)
    with pytest.raises(Conflict, match="at most"):
        house.add()


@pytest.mark.attack("ATK-022")
def test_a_dns_that_gives_no_answer_proves_nothing(house: House) -> None:
    house.publish()
    house.dns.down = True
    with pytest.raises(Unavailable) as refused:
        house.verify()
    assert house.domain not in refused.value.description
    assert house.proved == frozenset()


def test_a_record_that_is_missed_for_long_loses_the_domain(house: House) -> None:
    house.publish()
    house.verify()
    house.send(connect(house.world, house.tenant).name)
    house.dns.at.clear()
    assert house.look_again().missing_since == house.world.clock.now()
    house.world.clock.move(seconds=GRACE.total_seconds() - 1)
    assert house.look_again().verified_at is not None
    assert house.route is not None
    house.world.clock.move(seconds=1)
    assert house.look_again().verified_at is None
    assert (house.proved, house.route) == (frozenset(), None)
    assert len(house.said(EventType.DOMAIN_MISSED)) == 1
    assert house.said(EventType.DOMAIN_LOST) == [{"domain": house.domain, "why": "record_gone"}]


def test_a_record_that_comes_back_counts_as_never_gone(house: House) -> None:
    added = house.publish()
    house.verify()
    house.dns.at.clear()
    house.look_again()
    house.world.clock.move(seconds=GRACE.total_seconds() - 1)
    house.dns.put(added.record)
    assert house.look_again().missing_since is None
    house.dns.at.clear()
    house.world.clock.move(days=1)
    assert house.look_again().verified_at is not None


def test_an_outage_of_the_dns_loses_nothing(house: House) -> None:
    house.publish()
    house.verify()
    house.dns.down = True
    for _ in range(5):
        house.world.clock.move(days=30)
        with pytest.raises(Unavailable):
            house.look_again()
    assert house.proved == {house.domain}


def test_the_server_looks_by_itself_once_a_day_at_one_after_the_other(house: House) -> None:
    house.publish()
    house.verify()
    house.dns.asked.clear()
    house.lookups.tick()
    assert house.record_asked() == 0
    house.world.clock.move(days=1)
    house.dns.at.clear()
    for _ in range(200):  # other tests' domains have their turn, too
        house.lookups.tick()
    assert house.record_asked() == 1
    assert len(house.said(EventType.DOMAIN_MISSED)) == 1
    house.dns.down = True
    house.world.clock.move(days=1)
    for _ in range(200):
        house.lookups.tick()
    assert house.record_asked() == 2, "an answer that does not come is not asked for at once again"


def test_people_of_a_domain_go_to_a_connection_while_it_is_proved(house: House) -> None:
    made = connect(house.world, house.tenant)
    house.publish()
    house.send(made.name)
    assert house.route is None
    house.verify()
    assert house.route == Route(house.tenant.id, made.id)
    with house.world.services.database.read() as view:
        assert domains.has_routes(view, [house.tenant.id])
        assert domains.has_routes(view, None)
        assert not domains.has_routes(view, [house.world.tenant().id])
        assert not domains.has_routes(view, [])
    house.send(None)
    assert house.route is None
    before_and_after = [(fact["before"], fact["connection"]) for fact in house.routed()]
    assert before_and_after == [(None, made.id), (made.id, None)]


def test_a_domain_leads_nowhere_when_its_connection_is_removed(house: House) -> None:
    made = connect(house.world, house.tenant)
    house.publish()
    house.verify()
    house.send(made.name)
    disable(house.world, made)
    removal = house.world.services.federation.removal
    write(
        house.world,
        lambda tx: removal.remove(tx, house.tenant.id, made.name, actor=by(house.world)),
    )
    assert house.route is None
    assert house.proved == {house.domain}


def platform(world: World) -> Connection:
    return connect(world)


def test_the_platforms_connection_is_meant_where_the_tenant_has_none_of_the_name(
    house: House,
) -> None:
    shared = platform(house.world)
    house.publish()
    house.verify()
    house.send(shared.name)
    assert house.route == Route(house.tenant.id, shared.id)
    own = connect(house.world, house.tenant, name=shared.name)
    house.send(shared.name)
    assert house.route == Route(house.tenant.id, own.id)


@pytest.mark.attack("ATK-022")
def test_a_domain_leads_to_no_connection_that_the_tenant_may_not_use(house: House) -> None:
    from_elsewhere = connect(house.world, house.world.tenant())
    barred = platform(house.world)
    set_policy(house.world, house.tenant, platform_connections=[])
    linking = connect(house.world, house.tenant, kind=Kind.GITHUB, server="", link_only=True)
    house.publish()
    house.verify()
    for connection in (from_elsewhere, barred):
        with pytest.raises(NotFound):
            house.send(connection.name)
    with pytest.raises(Conflict, match="signs nobody in"):
        house.send(linking.name)
    assert house.route is None


def test_a_domain_that_is_given_up_is_free_for_others(house: House) -> None:
    house.publish()
    house.verify()
    house.remove()
    assert house.proved == frozenset()
    with pytest.raises(NotFound):
        house.verify()
    other = House(house.world, house.dns, house.domain)
    other.publish()
    assert other.verify().verified_at is not None
