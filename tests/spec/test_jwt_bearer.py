"""JWT bearer grants: RFC 7523 section 2.1."""

import os
from dataclasses import dataclass, replace
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from authserver.core.clock import epoch
from authserver.core.jose import SigningKey, generate_private_key
from authserver.federation.connectors.line import make_fetcher
from authserver.oauth.assertions.values import SubjectKind, Trusted
from authserver.tenants.models import TenantDomain
from authserver.tenants.policy import TenantPolicy
from tests.spec.tools import (
    API,
    change,
    disable_person,
    error_of,
    events,
    part,
    restarted,
    set_client,
    stage,
    statements,
)
from tests.support.browser import ISSUER, Party
from tests.support.linked import connect, link
from tests.support.providers import OpenId
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
VOUCHER = "https://ci.example"
SUB = "repo:acme/shop:main"


@dataclass
class Vouching:
    """An issuer, its key, and a client that brings its assertions."""

    world: World
    party: Party
    key: SigningKey
    trusted: Trusted

    @property
    def tenant(self) -> TenantFixture:
        return self.party.client.tenant

    def assertion(self, typ: str = "JWT", **claims: Any) -> str:
        now = epoch(self.world.clock.now())
        said = {
            "iss": self.trusted.issuer,
            "sub": SUB,
            "aud": ISSUER,
            "jti": os.urandom(8).hex(),
            "iat": now,
            "exp": now + 60,
            **claims,
        }
        return self.key.sign(
            typ, {name: value for name, value in said.items() if value is not None}
        )

    def bring(self, assertion: str | None = None, **form: Any) -> TestResponse:
        asked = {"grant_type": GRANT, "assertion": assertion or self.assertion()}
        return self.party.send("token", {**asked, **form})


def trust(world: World, client: ClientFixture, key: SigningKey, **more: Any) -> Trusted:
    values: dict[str, Any] = {
        "name": "ci",
        "issuer": VOUCHER,
        "subject": SubjectKind.CLIENT,
        "jwks": {"keys": [key.public_jwk]},
        "clients": (client.id,),
        "scopes": ("orders:read",),
        "subjects": {SUB: client.id},
        **more,
    }
    if values["jwks"] is None:
        values.pop("jwks")
    if values["subject"] is not SubjectKind.CLIENT:
        values["subjects"] = {}
    actor = replace(world.operator, principal=client.tenant.id)
    wanted = Trusted(**values)
    return change(
        world,
        lambda tx: world.services.assertions.create(tx, client.tenant.id, wanted, actor=actor),
    )


def amend(ours: Vouching, **changes: Any) -> None:
    actor = replace(ours.world.operator, principal=ours.tenant.id)
    change(
        ours.world,
        lambda tx: ours.world.services.assertions.change(
            tx, ours.tenant.id, "ci", changes=changes, actor=actor
        ),
    )


def vouching(world: World, kind: str = "service", **more: Any) -> Vouching:
    key = SigningKey(generate_private_key("ES256"), "ES256")
    client = world.client(world.tenant(), kind, audiences=[API])
    return Vouching(world, Party(world, client), key, trust(world, client, key, **more))


@pytest.fixture(name="ours")
def _ours(world: World) -> Vouching:
    return vouching(world)


@pytest.mark.rfc("RFC 7523 section 2.1")
def test_a_machine_gets_a_token_of_its_own(ours: Vouching) -> None:
    answer = ours.bring()
    assert answer.status_code == 200, answer.text
    claims = part(answer.json["access_token"], 1)
    assert (claims["sub"], claims["aud"]) == (ours.party.client.id, API)
    assert claims["scope"] == "orders:read"
    assert ours.party.introspect(answer.json["access_token"]).json["active"]
    assert sorted(answer.json) == ["access_token", "expires_in", "scope", "token_type"]
    assert len(events(ours.world, ours.tenant, "assertion.accepted")) == 1
    set_client(ours.world, ours.party.client, enabled=False)
    watcher = Party(ours.world, ours.world.client(ours.world.tenant("internal"), "service"))
    assert not watcher.introspect(answer.json["access_token"]).json["active"]


@pytest.mark.rfc("RFC 7523 section 3")
@pytest.mark.attack("ATK-014")
@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://else.example"},
        {"iss": None},
        {"sub": None},
        {"sub": "repo:acme/other"},
        {"sub": ""},
        {"aud": None},
        {"aud": "https://auth.example.evil"},
        {"aud": f"{ISSUER}/"},
        {"aud": [ISSUER, "https://else.example"]},
        {"exp": None},
        {"exp": 1},
        {"exp": 99999999999},
        {"exp": "soon"},
        {"exp": True},
        {"iat": None},
        {"iat": 99999999999},
        {"nbf": 99999999999},
        {"jti": None},
        {"jti": 7},
    ],
    ids=str,
)
def test_an_assertion_is_for_us_alone_short_and_complete(
    ours: Vouching, claims: dict[str, Any]
) -> None:
    assert error_of(ours.bring(ours.assertion(**claims))) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 7523 section 3")
def test_its_life_is_bounded_by_what_was_registered(ours: Vouching) -> None:
    now = epoch(ours.world.clock.now())
    long = ours.assertion(iat=now - 400, exp=now + 60)
    assert error_of(ours.bring(long)) == (400, "invalid_grant")
    assert error_of(ours.bring(ours.assertion(exp=now + 400))) == (400, "invalid_grant")
    assert (
        ours.bring(ours.assertion(aud=[f"{ISSUER}/oauth/token"], exp=now + 290)).status_code == 200
    )
    amend(ours, longest=30)
    assert error_of(ours.bring()) == (400, "invalid_grant")


@pytest.mark.rfc("RFC 7523 section 3")
def test_an_assertion_is_good_once_in_every_process(ours: Vouching) -> None:
    assertion = ours.assertion()
    assert ours.bring(assertion).status_code == 200
    assert error_of(ours.bring(assertion)) == (400, "invalid_grant")
    with restarted(ours.world) as other:
        elsewhere = replace(ours, party=Party(other, ours.party.client))
        assert error_of(elsewhere.bring(assertion)) == (400, "invalid_grant")
    actor = replace(ours.world.operator, principal=ours.tenant.id)
    change(
        ours.world,
        lambda tx: ours.world.services.assertions.remove(tx, ours.tenant.id, "ci", actor=actor),
    )
    assert error_of(ours.bring()) == (400, "unauthorized_client")
    trust(ours.world, ours.party.client, ours.key)
    assert error_of(ours.bring(assertion)) == (400, "invalid_grant")
    assert ours.bring().status_code == 200
    reasons = [e["facts"]["reason"] for e in events(ours.world, ours.tenant, "assertion.refused")]
    assert reasons == ["assertion: jti was used before"] * 3


@pytest.mark.attack("ATK-124")
def test_a_key_or_a_type_that_is_not_registered_is_refused(ours: Vouching) -> None:
    other = SigningKey(generate_private_key("ES256"), "ES256")
    stranger = replace(ours, key=other)
    assert error_of(ours.bring(stranger.assertion())) == (400, "invalid_grant")
    for typ in ("at+jwt", "logout+jwt", "dpop+jwt"):
        assert error_of(ours.bring(ours.assertion(typ))) == (400, "invalid_grant")
    for nonsense in ("nonsense", "a.b.c", ours.assertion().rpartition(".")[0] + "."):
        assert error_of(ours.bring(nonsense)) == (400, "invalid_grant")
    amend(ours, algorithms=("RS256",))
    assert error_of(ours.bring()) == (400, "invalid_grant")


@pytest.mark.attack("ATK-114")
def test_an_issuer_is_for_its_clients_and_its_tenant(ours: Vouching) -> None:
    world = ours.world
    for tenant in (ours.tenant, world.tenant()):
        theirs = replace(ours, party=Party(world, world.client(tenant, "service")))
        assert error_of(theirs.bring(ours.assertion())) == (400, "unauthorized_client")
    other = vouching(world, issuer="https://other.example")
    assert error_of(other.bring(ours.assertion())) == (400, "invalid_grant")
    amend(ours, enabled=False)
    assert error_of(ours.bring()) == (400, "unauthorized_client")
    amend(ours, enabled=True)
    assert ours.bring().status_code == 200


@pytest.mark.attack("ATK-120")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"scope": "orders:write"}, "invalid_scope"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"resource": "https://else.example/"}, "invalid_target"),
    ],
)
def test_only_what_the_issuer_and_the_client_may(
    ours: Vouching, form: dict[str, Any], error: str
) -> None:
    assert error_of(ours.bring(**form)) == (400, error)


def test_there_is_an_assertion(ours: Vouching) -> None:
    assert error_of(ours.party.send("token", {"grant_type": GRANT})) == (400, "invalid_request")


def test_the_client_proves_who_it_is_all_the_same(ours: Vouching) -> None:
    ours.party.client.secret = "wrong"
    assert error_of(ours.bring()) == (401, "invalid_client")


@pytest.mark.rfc("RFC 7523 section 2.1")
def test_keys_that_are_published_are_read_and_read_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Http is for this machine alone: an issuer of the world has https."""
    services = world.services
    fetcher = make_fetcher(services.clock, allow_loopback_http=True)
    monkeypatch.setattr(services.assertions, "_allow_http_loopback", True)
    monkeypatch.setattr(services.issuer_keys, "_fetcher", fetcher)
    with OpenId() as provider:
        ours = vouching(world, issuer=provider.url, jwks=None, jwks_uri=f"{provider.url}/jwks")

        def assertion() -> str:
            claims = part(ours.assertion(), 1)
            kid = {"kid": provider.kid}
            return jwt.encode(claims, provider._key, algorithm="RS256", headers=kid)  # noqa: SLF001

        assert ours.bring(assertion()).status_code == 200
        provider.rotate_keys()
        assert ours.bring(assertion()).status_code == 200
        provider.rotate_keys()
        refused = ours.bring(assertion())
        assert error_of(refused) == (400, "invalid_grant"), "read again once a minute at most"
        world.clock.move(minutes=2)
        assert ours.bring(assertion()).status_code == 200
    world.clock.move(hours=2)
    assert error_of(ours.bring()) == (503, "temporarily_unavailable")


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


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"issuer": ISSUER}, "own tokens"),
        ({"issuer": f"{ISSUER}/t/acme"}, "own tokens"),
        ({"jwks_uri": "https://ci.example/jwks"}, "one of them"),
        ({"jwks": None, "jwks_uri": "http://ci.example/jwks"}, "https"),
        ({"algorithms": ("HS256",)}, "algorithm"),
        ({"algorithms": ("none",)}, "algorithm"),
        ({"clients": ()}, "client"),
        ({"scopes": ("admin",)}, "scope"),
        ({"longest": 3601}, "seconds"),
        ({"subject": SubjectKind.IDENTITY}, "connection"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "private or secret"),
    ],
)
def test_what_cannot_be_trusted_is_not_registered(
    world: World, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(Exception, match=words):
        vouching(world, **more)


def test_other_grants_do_not_look_for_issuers(world: World) -> None:
    party = Party(world, world.client(world.tenant(), "service"))
    party.machine()
    with statements(world) as sent:
        party.machine()
    assert not [one for one in sent if "assertion_issuers" in one or "exchange_rules" in one]
