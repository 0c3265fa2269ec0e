"""A domain of another tenant: nobody gets it by a word, and nobody learns whose it is (ATK-022)."""

import os
from collections.abc import Callable

import pytest

from authserver.audit.events import EventType
from authserver.core.problems import Conflict, NotFound
from authserver.tenants.domains import Route
from tests.support.dns import Records
from tests.support.domains import House
from tests.support.federation import connect, write
from tests.support.parallel import at_once
from tests.support.trail import events
from tests.support.world import World

pytestmark = pytest.mark.attack("ATK-022")


@pytest.fixture
def dns() -> Records:
    return Records()


@pytest.fixture
def owner(world: World, dns: Records) -> House:
    house = House(world, dns, f"d-{os.urandom(5).hex()}.example")
    house.publish()
    house.verify()
    house.send(connect(world, house.tenant).name)
    return house


@pytest.fixture
def thief(world: World, dns: Records, owner: House) -> House:
    return House(world, dns, owner.domain)


def everything(house: House) -> tuple[object, ...]:
    return house.proved, house.route, house.look_again().verified_at


def test_a_domain_that_is_only_said_to_be_ones_own_is_nothing(owner: House, thief: House) -> None:
    before = everything(owner)
    thief.add()
    thief.send(connect(thief.world, thief.tenant).name)
    with pytest.raises(Conflict, match="not there yet"):
        thief.verify()
    assert thief.proved == frozenset()
    assert everything(owner) == before
    assert isinstance(owner.route, Route)
    assert owner.route.tenant_id == owner.tenant.id


def test_whose_a_domain_is_shows_to_nobody_without_its_dns(
    world: World, dns: Records, owner: House, thief: House
) -> None:
    """The same words about a domain that somebody has and about one that nobody has."""
    free = House(world, dns, f"d-{os.urandom(5).hex()}.example")
    said = []
    for house in (thief, free):
        added = house.add()
        with pytest.raises(Conflict) as refused:
            house.verify()
        said.append((added.verified_at, refused.value.description, refused.value.code))
    assert said[0] == said[1]
    assert owner.tenant.slug not in str(said)


def test_the_record_of_the_owner_does_not_prove_it_for_others(owner: House, thief: House) -> None:
    assert thief.add().token != owner.add().token
    with pytest.raises(Conflict):
        thief.verify()


def test_while_the_owners_record_stands_nobody_else_gets_the_domain(
    owner: House, thief: House
) -> None:
    thief.publish()
    with pytest.raises(Conflict, match="Another organization") as refused:
        thief.verify()
    for secret in (owner.tenant.id, owner.tenant.slug, f"Tenant {owner.tenant.slug}"):
        assert secret not in refused.value.description
    assert owner.proved == {owner.domain}
    assert thief.proved == frozenset()


def test_who_has_the_dns_now_is_believed_over_who_had_it(owner: House, thief: House) -> None:
    """The domain was sold: its new owner does not wait for the old one to give it up."""
    thief.dns.at.clear()
    thief.publish()
    assert thief.verify().verified_at is not None
    assert (owner.proved, thief.proved) == (frozenset(), {owner.domain})
    assert owner.route is None
    assert owner.said(EventType.DOMAIN_LOST) == [
        {"domain": owner.domain, "why": "proved_by_another"}
    ]
    assert thief.tenant.id not in str(
        [one.document for one in events(owner.world, owner.tenant.id, EventType.DOMAIN_LOST)]
    )
    with pytest.raises(Conflict, match="not there yet"):
        owner.verify()


def test_a_domain_of_somebody_else_is_not_found(owner: House, thief: House) -> None:
    for attempt in (thief.verify, thief.look_again, thief.remove, lambda: thief.send(None)):
        with pytest.raises(NotFound):
            attempt()
    assert owner.proved == {owner.domain}


@pytest.mark.every_database
def test_of_two_who_prove_at_the_same_moment_one_has_the_domain(
    world: World, another: Callable[[], World], dns: Records
) -> None:
    """Both records are there: whoever comes first has it, and nobody has it twice."""
    other = another()
    for _ in range(6):
        domain = f"d-{os.urandom(5).hex()}.example"
        houses = [House(world, dns, domain), House(other, dns, domain)]
        for house in houses:
            house.publish()
        done = at_once(*(lambda house=house: proved(house) for house in houses))
        assert sorted(done) == [False, True]
        assert [house.proved == {domain} for house in houses] == done


def proved(house: House) -> bool:
    try:
        house.verify()
    except Conflict:
        return False
    return True


def test_a_proof_counts_for_the_tenant_that_asked_for_it_alone(owner: House, thief: House) -> None:
    """The token is of one tenant's row: found texts are compared with no other."""
    row, (_, theirs) = thief.add(), owner.add().record
    with pytest.raises(Conflict):
        write(
            thief.world,
            lambda tx: thief.service.verify(
                tx, thief.tenant.id, row.domain, found=[theirs], actor=thief.actor
            ),
        )
