"""JWT bearer grants about people: as a sign-in by a provider, without a browser."""

import os
from dataclasses import dataclass, replace
from typing import Any

import pytest
from werkzeug.test import TestResponse

from authserver.core.jose import SigningKey, generate_private_key
from authserver.oauth.assertions.values import SubjectKind
from authserver.tenants.models import TenantDomain
from authserver.tenants.policy import TenantPolicy
from tests.spec.tools import (
    change,
    disable_person,
    error_of,
    part,
    stage,
)
from tests.spec.vouching import Vouching, amend, trust, vouching
from tests.support.browser import Party
from tests.support.linked import connect, link
from tests.support.world import TenantFixture, UserFixture, World


def prove_domain(world: World, tenant: TenantFixture, domain: str) -> None:
    now = world.clock.now()
    row = TenantDomain(
        id="dom_" + os.urandom(8).hex(),
        domain=domain,
        token="t",
        created_at=now,
        verified_at=now,
        checked_at=now,
    )
    change(world, lambda tx: tx.tenant(tenant.id).add(row))


@dataclass
class Person:
    """Somebody of the tenant for whom an issuer vouches."""

    ours: Vouching
    user: UserFixture

    def bring(self, **claims: Any) -> TestResponse:
        said = {"sub": "7", "email": self.user.email, "email_verified": True, **claims}
        return self.ours.bring(self.ours.assertion(**said))


@pytest.fixture(name="person")
def _person(world: World) -> Person:
    ours = vouching(world, "web", subject=SubjectKind.EMAIL)
    domain = f"d{os.urandom(4).hex()}.example"
    prove_domain(world, ours.tenant, domain)
    return Person(ours, world.user(ours.tenant, "customer_viewer", email=f"ada@{domain}"))


@pytest.mark.every_database
@pytest.mark.rfc("RFC 7523 section 3")
def test_a_person_is_found_by_an_address_that_both_sides_verified(person: Person) -> None:
    answer = person.bring(email=person.user.email.upper().replace("ADA", "ada"))
    assert answer.status_code == 200, answer.text
    assert sorted(answer.json) == ["access_token", "expires_in", "scope", "token_type"]
    claims = part(answer.json["access_token"], 1)
    assert (claims["sub"], claims["client_id"]) == (person.user.id, person.ours.party.client.id)
    assert claims["amr"] == ["fed"]
    assert claims["acr"] == "urn:authserver:acr:federated"
    assert claims["roles"] == ["customer_viewer"]
    party, token = person.ours.party, answer.json["access_token"]
    assert party.introspect(token).json["active"]
    disable_person(person.ours.world, person.user)
    assert not party.introspect(token).json["active"]
    assert error_of(person.bring()) == (400, "invalid_grant")


@pytest.mark.attack("ATK-014")
def test_an_address_opens_nothing_that_a_provider_would_not(world: World, person: Person) -> None:
    tenant = person.ours.tenant
    unproved = world.user(tenant, email=f"u{os.urandom(4).hex()}@elsewhere.example")
    domain = person.user.email.partition("@")[2]
    unverified = world.user(tenant, email=f"new@{domain}", verified=False)
    admin = world.user(tenant, "admin", email=f"root@{domain}")
    stranger = world.user(world.tenant(), email=f"there@{domain}")
    for user in (unproved, unverified, admin, stranger):
        assert error_of(replace(person, user=user).bring()) == (400, "invalid_grant")
    for claims in (
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": "nobody"},
    ):
        assert error_of(person.bring(**claims)) == (400, "invalid_grant")


@pytest.mark.rfc("TOP-07")
def test_a_second_factor_that_is_due_is_not_skipped(person: Person) -> None:
    world, tenant = person.ours.world, person.ours.tenant

    policy = TenantPolicy(mfa_required=True)
    change(
        world,
        lambda tx: world.services.tenants.set_policy(tx, tenant.slug, policy, actor=world.operator),
    )
    assert error_of(person.bring()) == (400, "invalid_grant")
    assert error_of(person.bring(amr=["pwd", "mfa"])) == (400, "invalid_grant")
    amend(person.ours, trusts_amr=True)
    assert error_of(person.bring(amr=["pwd"])) == (400, "invalid_grant")
    answer = person.bring(amr=["pwd", "mfa"])
    assert part(answer.json["access_token"], 1)["acr"] == "urn:authserver:acr:mfa"


def test_nobody_is_signed_in_in_a_browser_and_the_account_page_ends_it(person: Person) -> None:
    on, world = person.ours, person.ours.world
    token = person.bring().json["access_token"]
    browser = stage(world).browser()
    browser.sign_in(browser.get("/login/password?to=sessions"), person.user)
    assert browser.get("/account/sessions").text.count('name="session"') <= 1
    page = browser.get("/account/applications")
    assert "Client web" in page.text
    assert on.party.introspect(token).json["active"]


def test_a_person_is_found_by_a_linked_identity(world: World) -> None:
    key = SigningKey(generate_private_key("ES256"), "ES256")
    client = world.client(world.tenant(), "web")
    admin = world.user(client.tenant, "admin")
    connection = connect(world, client.tenant)
    link(world, admin, connection, subject="7")
    trusted = trust(
        world,
        client,
        key,
        issuer="https://id.orchid.example",
        subject=SubjectKind.IDENTITY,
        connection_id=connection.id,
    )
    ours = Vouching(world, Party(world, client), key, trusted)
    answer = ours.bring(ours.assertion(sub="7"))
    assert part(answer.json["access_token"], 1)["sub"] == admin.id
    assert error_of(ours.bring(ours.assertion(sub="8"))) == (400, "invalid_grant")
