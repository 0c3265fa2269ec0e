"""Taking an account over by what a provider says of an address, or by somebody else's proof."""

import ast
from dataclasses import replace
from typing import Any

import pytest

from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.federation.policy import Decision
from authserver.federation.values import Connection, Kind
from tests.support.proofs import House, answer, everybody, gmail, hop, make
from tests.support.source import calls, method, modules, name
from tests.support.world import World

OURS, EVIL = "tid-of-acme", "tid-of-evil"


@pytest.fixture
def house(world: World) -> House:
    return make(world)


def entra(house: House, **more: Any) -> Connection:
    return house.connect(Kind.AZURE_AD, **more)


@pytest.mark.attack("ATK-001")
@pytest.mark.parametrize("proved", [True, False], ids=["xms_edov", "plain"])
def test_an_address_written_into_another_directory_opens_nothing(
    house: House, *, proved: bool
) -> None:
    domain = house.own()
    victim = house.world.user(house.tenant, email=f"victim@{domain}")
    for connection in (entra(house), entra(house, own=True), entra(house, allowed=(OURS, EVIL))):
        said = answer(
            email=victim.email, email_verified=proved, tenant=EVIL, issuer=f"https://e/{EVIL}"
        )
        outcome = house.enter(connection, said)
        assert (outcome.decision, outcome.claimed) == (Decision.ASK, None)
    assert house.links(victim) == []
    assert house.reasons() == [("ask", "address_is_taken")] * 3


@pytest.mark.attack("ATK-001")
def test_the_key_is_the_person_in_the_directory_and_never_the_address(house: House) -> None:
    connection = entra(house)
    victim, attacker = (house.world.user(house.tenant) for _ in range(2))
    theirs = answer("oid-1", tenant=OURS, issuer=f"https://e/{OURS}", email=gmail())
    house.link(victim, connection, theirs)
    copied = replace(theirs.identity, issuer=f"https://e/{EVIL}", tenant=EVIL)
    forged = replace(theirs, identity=copied)
    assert house.enter(connection, forged).decision is Decision.ASK
    at = hop()
    house.enter(connection, forged, at=at)
    assert house.take(at, attacker)
    assert house.partial(house.enter(connection, forged)).user.id == attacker.id
    assert house.partial(house.enter(connection, theirs)).user.id == victim.id


@pytest.mark.attack("ATK-002")
@pytest.mark.parametrize(
    ("own", "allowed", "proved", "decision"),
    [
        (True, (OURS,), True, Decision.LINK),
        (True, (OURS,), False, Decision.ASK),
        (True, (), True, Decision.ASK),
        (True, (OURS, EVIL), True, Decision.ASK),
        (False, (OURS,), True, Decision.ASK),
    ],
    ids=["pinned", "unproved", "any", "several", "platform"],
)
def test_entra_links_by_address_only_where_one_directory_is_pinned(
    house: House, *, own: bool, allowed: tuple[str, ...], proved: bool, decision: Decision
) -> None:
    victim = house.world.user(house.tenant, email=f"victim@{house.own()}")
    connection = entra(house, own=own, allowed=allowed)
    said = answer(email=victim.email, email_verified=proved, tenant=OURS)
    assert house.enter(connection, said).decision is decision


@pytest.mark.attack("ATK-002")
def test_a_domain_that_is_only_claimed_is_no_authority(house: House) -> None:
    victim = house.world.user(house.tenant, email=f"victim@{house.own(proved=False)}")
    connection = entra(house, own=True, allowed=(OURS,))
    said = answer(email=victim.email, tenant=OURS)
    assert house.enter(connection, said).decision is Decision.ASK


@pytest.mark.attack("ATK-004")
@pytest.mark.parametrize(
    ("local", "upstream", "decision"),
    [
        (True, True, Decision.LINK),
        (False, True, Decision.ASK),
        (True, False, Decision.ASK),
        (False, False, Decision.ASK),
    ],
)
@pytest.mark.parametrize("kind", [Kind.GOOGLE, Kind.GITHUB])
def test_both_sides_must_have_proved_the_address(
    house: House, *, kind: Kind, local: bool, upstream: bool, decision: Decision
) -> None:
    person = house.world.user(house.tenant, email=gmail(), verified=local)
    said = answer(email=person.email, email_verified=upstream)
    assert house.enter(house.connect(kind), said).decision is decision


@pytest.mark.attack("ATK-004")
@pytest.mark.parametrize("reason", ["privileged", "not-wanted", "linked", "guest"])
def test_no_address_alone_opens_what_is_more_than_ones_own(house: House, reason: str) -> None:
    google, email = house.connect(), gmail()
    roles = ["admin"] if reason == "privileged" else ["customer_viewer"]
    if reason == "guest":
        person = house.world.guest(
            house.world.user(house.world.tenant("internal"), email=email), house.tenant
        )
    else:
        person = house.world.user(house.tenant, *roles, email=email)
    if reason == "not-wanted":
        house.set(links_by_email=False)
    if reason == "linked":
        house.link(person, google, answer())
    before = len(house.links(person))
    assert house.enter(google, answer(email=email)).decision is Decision.ASK
    assert len(house.links(person)) == before


# Links that are pointed at somebody else


@pytest.mark.attack("ATK-015")
def test_an_identity_of_one_is_linked_to_nobody_else(house: House) -> None:
    owner, thief = (house.world.user(house.tenant) for _ in range(2))
    google, said, at = house.connect(), answer(), hop()
    link = house.link(owner, google, said)
    with pytest.raises(Conflict):
        house.link(thief, google, said)
    house.write(
        lambda tx: house.world.services.upstream.offers.make(tx, at, said, connection=google)
    )
    assert not house.take(at, thief)
    with pytest.raises(NotFound):
        house.unlink(thief, link)
    assert [row.user_id for row in house.links()] == [owner.id]


@pytest.mark.attack("ATK-015")
def test_no_code_changes_a_link_but_its_label_and_its_last_use() -> None:
    found = set()
    for path in modules("authserver"):
        if not name(path).startswith("authserver/federation/"):
            continue
        for call in calls(path):
            if method(call) == "values" and "FederatedIdentity" in ast.unparse(call):
                found |= {keyword.arg for keyword in call.keywords}
    assert found == {"label", "last_used_at"}


# Addresses that are read in two ways


@pytest.mark.attack("ATK-019")
@pytest.mark.attack("ATK-020")
@pytest.mark.parametrize(
    "text",
    [
        "a@evil.test@{0}",
        '"a@{0}"@evil.test',
        "admin@{0}(@evil.test)",
        "admin\uff20{0}",
        "admin@\uff21{0}",
        "admin@{0}.",
        "admin@{0}\0",
        "admin@{0}, b@evil.test",
    ],
)
def test_an_address_that_can_be_read_in_two_ways_is_none(house: House, text: str) -> None:
    domain = house.own()
    with pytest.raises(InvalidEmail):
        parse_email(text.format(domain))
    victim = house.world.user(house.tenant, email=f"admin@{domain}")
    own = house.connect(Kind.OIDC, own=True, creates_people=True)
    outcome = house.enter(own, answer(label=text.format(domain), email_verified=True))
    assert outcome.decision is Decision.ASK, "without an address nobody is found or made"
    assert house.links(victim) == []


@pytest.mark.attack("ATK-019")
def test_authority_over_a_domain_is_none_over_what_ends_or_begins_like_it(house: House) -> None:
    domain = house.own()
    own = house.connect(Kind.OIDC, own=True)
    for other in (f"sub.{domain}", f"not{domain}", f"{domain}.evil.test"):
        person = house.world.user(house.tenant, email=f"ada@{other}")
        assert house.enter(own, answer(email=person.email)).decision is Decision.ASK


# One tenant's connection and another one's people


@pytest.mark.attack("ATK-022")
def test_a_tenants_connection_means_nobody_of_another_one(world: World) -> None:
    ours, evil = make(world), make(world)
    domain = ours.own()
    evil.own(domain, proved=False)
    victim = world.user(ours.tenant, email=f"victim@{domain}")
    theirs = evil.connect(Kind.OIDC, own=True, creates_people=True)
    said = answer("evil", email=victim.email)
    assert ours.enter(theirs, said).decision is Decision.REFUSE
    assert ours.reasons() == [("refuse", "elsewhere")]
    for claimed in (True, False):
        both = ours.enter(theirs, replace(said), audience=everybody(ours, evil))
        assert evil.partial(both).user.tenant_id == evil.tenant.id
        assert both.decision is (Decision.CREATE if claimed else Decision.SIGN_IN)
    with pytest.raises(Refused):
        ours.link(victim, theirs, answer())
    at = hop()
    evil.write(lambda tx: world.services.upstream.offers.make(tx, at, answer(), connection=theirs))
    assert not ours.take(at, victim)
    assert ours.not_linked() == ["not admitted"]
    assert ours.links() == []


@pytest.mark.attack("ATK-022")
def test_a_connection_of_the_platform_that_a_tenant_does_not_allow_opens_nothing(
    house: House,
) -> None:
    person, google, said = house.world.user(house.tenant), house.connect(), answer()
    house.link(person, google, said)
    house.set(platform_connections=[])
    assert house.enter(google, said).decision is Decision.REFUSE
    with pytest.raises(Refused):
        house.link(person, google, answer())
    house.set(platform_connections=[google.name])
    assert house.enter(google, said).decision is Decision.SIGN_IN


def test_of_two_upstream_accounts_with_one_address_the_second_has_to_ask(house: House) -> None:
    person, google = house.world.user(house.tenant, email=gmail()), house.connect()
    first, second = (answer(email=person.email) for _ in range(2))
    assert house.enter(google, first).decision is Decision.LINK
    assert house.enter(google, second).decision is Decision.ASK
    assert [row.subject for row in house.links(person)] == [first.identity.subject]
