"""ATK-001 and ATK-002 where they arrive: what a directory of Entra may say, and of whom."""

from collections.abc import Iterator
from typing import Any

import pytest

from authserver.federation.connectors.base import UpstreamRefused
from authserver.federation.connectors.making import Connectors
from authserver.federation.values import Identity
from tests.support.clock import ManualClock
from tests.support.providers import AzureAd, azure_ad, make_connectors
from tests.support.providers.visiting import connection, visit

VICTIM = "victim@corp.example"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


@pytest.fixture
def time() -> ManualClock:
    return ManualClock()


@pytest.fixture
def connectors(time: ManualClock) -> Connectors:
    return make_connectors(time)


@pytest.fixture
def entra(time: ManualClock) -> Iterator[AzureAd]:
    with azure_ad(time) as there:
        yield there


def found(connectors: Connectors, entra: AzureAd, *allowed: str) -> Identity:
    to = connection("azure_ad", entra, allowed=allowed)
    return visit(connectors, to, entra).complete().identity


@pytest.mark.attack("ATK-001")
def test_the_attackers_directory_makes_nobody_the_victim(
    connectors: Connectors, entra: AzureAd
) -> None:
    """nOAuth: the attacker administers a directory and writes the victim's address into it."""
    theirs = entra.new_tenant(66)
    both = (entra.tenant, theirs)
    victim = entra.person(email=VICTIM, claims={"xms_edov": True})
    entra.present = victim
    right = found(connectors, entra, *both)
    attacker = entra.person(email=VICTIM, user_name=VICTIM, tenant=theirs, subject=victim.subject)
    entra.present = attacker
    wrong = found(connectors, entra, *both)
    assert (right.issuer, right.subject) != (wrong.issuer, wrong.subject)
    assert (right.tenant, wrong.tenant) == both
    assert wrong.email is not None
    assert wrong.email.canonical == VICTIM
    assert (right.email_verified, wrong.email_verified) == (True, False)


@pytest.mark.attack("ATK-002")
@pytest.mark.parametrize("edov", [False, "false", "0", 0, None, "yes", 2, [True], {}, "True"])
def test_an_address_is_verified_only_by_the_owner_of_its_domain(
    connectors: Connectors, entra: AzureAd, edov: object
) -> None:
    entra.person(email=VICTIM, claims={"xms_edov": edov, "email_verified": True})
    assert not found(connectors, entra, entra.tenant).email_verified


@pytest.mark.attack("ATK-002")
@pytest.mark.parametrize("edov", [True, 1, "1", "true"])
def test_an_owner_says_so_in_several_ways(
    connectors: Connectors, entra: AzureAd, edov: object
) -> None:
    entra.person(email=VICTIM, claims={"xms_edov": edov})
    assert found(connectors, entra, entra.tenant).email_verified


@pytest.mark.attack("ATK-002")
def test_a_user_name_is_no_address(connectors: Connectors, entra: AzureAd) -> None:
    entra.person(user_name=VICTIM, claims={"xms_edov": True, "upn": VICTIM})
    who = found(connectors, entra, entra.tenant)
    assert (who.email, who.email_verified, who.label) == (None, False, VICTIM)


@pytest.mark.attack("ATK-001")
@pytest.mark.parametrize("several", [False, True])
def test_a_directory_that_is_not_allowed_does_not_come_in(
    connectors: Connectors, entra: AzureAd, *, several: bool
) -> None:
    entra.person(email=VICTIM, tenant=entra.new_tenant(66))
    allowed = (entra.tenant, entra.new_tenant(2)) if several else (entra.tenant,)
    with pytest.raises(UpstreamRefused, match="directory is not one"):
        found(connectors, entra, *allowed)


def test_personal_accounts_are_no_directory(connectors: Connectors, entra: AzureAd) -> None:
    entra.person(email=VICTIM, tenant=PERSONAL)
    with pytest.raises(UpstreamRefused, match="directory is not one"):
        found(connectors, entra)


@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(
    "claims",
    [
        {"tid": None},
        {"tid": ""},
        {"tid": "common"},
        {"tid": "{tenantid}"},
        {"tid": "8EABEF03-6F13-42C4-A6F7-000000000001"},
        {"tid": "8eabef03-6f13-42c4-a6f7-000000000001/v2.0/../x"},
        {"tid": ["8eabef03-6f13-42c4-a6f7-000000000001"]},
        {"oid": None},
        {"oid": ""},
        {"oid": "victim"},
        {"oid": ["00000000-0000-4000-8000-aa0000000001"]},
        {"iss": "https://evil.example/8eabef03-6f13-42c4-a6f7-000000000001/v2.0"},
    ],
)
def test_the_directory_the_issuer_and_the_object_belong_together(
    connectors: Connectors, entra: AzureAd, claims: dict[str, Any]
) -> None:
    entra.person(email=VICTIM)
    entra.claims = claims
    with pytest.raises(UpstreamRefused):
        found(connectors, entra, entra.tenant)


@pytest.mark.attack("ATK-014")
def test_a_directory_cannot_name_another_ones_issuer(
    connectors: Connectors, entra: AzureAd
) -> None:
    other = entra.new_tenant(2)
    entra.person(email=VICTIM)
    for claims in ({"iss": entra.issuer_of(other)}, {"tid": other}):
        entra.claims = claims
        with pytest.raises(UpstreamRefused, match="another issuer"):
            found(connectors, entra, entra.tenant, other)


def test_a_key_signs_only_for_the_directory_that_it_is_for(
    connectors: Connectors, entra: AzureAd
) -> None:
    entra.person(email=VICTIM)
    entra.key_issuer = entra.issuer_of(entra.new_tenant(66))
    with pytest.raises(UpstreamRefused, match="does not sign for this directory"):
        found(connectors, entra, entra.tenant)
