"""Whom a provider's word means where several tenants, or guests, may sign in."""

from authserver.federation.policy import Decision
from tests.support.factors import set_policy
from tests.support.proofs import answer, everybody, gmail, make
from tests.support.world import World


def test_of_several_tenants_the_clients_own_comes_first_then_the_oldest_link(world: World) -> None:
    first, second, third = make(world), make(world), make(world)
    google, said = first.connect(), answer("1")
    for house in (third, second):
        house.link(world.user(house.tenant), google, said)
        world.clock.move(minutes=1)
    both = first.enter(google, said, audience=everybody(first, second, third))
    assert first.partial(both).user.tenant_id == third.tenant.id
    own = second.enter(google, said, audience=everybody(second, third))
    assert second.partial(own).user.tenant_id == second.tenant.id
    named = second.enter(
        google, said, audience=everybody(second, third), organization=third.tenant.slug.upper()
    )
    assert second.partial(named).user.tenant_id == third.tenant.id
    for nobody in ("no-such", "nul\0", first.tenant.slug):
        outcome = second.enter(google, said, audience=everybody(second, third), organization=nobody)
        assert outcome.claimed is None


def test_of_several_tenants_only_a_proved_address_leads_anywhere(world: World) -> None:
    first, second, email = make(world), make(world), gmail()
    google, audience = first.connect(), everybody(first, second)
    world.user(first.tenant, email=email, verified=False)
    person = world.user(second.tenant, email=email)
    outcome = first.enter(google, answer(email=email), audience=audience)
    assert outcome.decision is Decision.LINK
    assert second.partial(outcome).user.id == person.id


def test_people_open_guest_accounts_by_the_identity_at_home(world: World) -> None:
    home, outer, more = make(world, "internal"), make(world), make(world)
    google, said = home.connect(), answer("1")
    person = world.user(home.tenant)
    home.link(person, google, said)
    assert outer.enter(google, said).decision is Decision.ASK, "no guest there"
    guest = world.guest(person, outer.tenant)
    outcome = outer.enter(google, said)
    assert outcome.decision is Decision.SIGN_IN
    assert outcome.guest is not None
    assert (outcome.guest.id, outer.partial(outcome).user.id) == (guest.id, person.id)
    set_policy(world, outer.tenant, mfa_required=True)
    assert outer.partial(outer.enter(google, said)).factor_due
    world.guest(person, more.tenant)
    several = outer.enter(google, said, audience=everybody(outer, more))
    assert several.decision is Decision.SIGN_IN
    assert several.guest is None, "the person chooses"
    world.disable(guest)
    assert outer.enter(google, said).decision is Decision.ASK


def test_a_guests_address_links_nothing(world: World) -> None:
    home, outer, email = make(world, "internal"), make(world), gmail()
    person = world.user(home.tenant, email=email)
    guest = world.guest(person, outer.tenant)
    assert outer.enter(outer.connect(), answer(email=email)).decision is Decision.ASK
    assert outer.links(guest) == []
