"""Whatever ends a session, every client of it is told by its server, once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import pytest
from sqlalchemy import delete, update

from authserver.accounts.models import User
from authserver.federation.administration import ending
from authserver.federation.values import Connection
from authserver.oauth.models import AuthorizationCode
from authserver.sessions.models import UserSession
from authserver.tenants.models import Tenant
from authserver.tenants.policy import TenantPolicy
from authserver.tokens.models import RefreshToken, TokenFamily
from tests.support.account import agree
from tests.support.browser import Browser
from tests.support.federation import came_by, connect, linked
from tests.support.signing_out import (
    RelyingParties,
    client_that_is_told,
    relying_parties,
    tokens_of,
)
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World


@pytest.fixture
def there(world: World) -> Iterator[RelyingParties]:
    with relying_parties(world) as parties:
        yield parties


@dataclass
class Stage:
    """A person who is signed in to two clients in one browser, and to one of them in another."""

    world: World
    there: RelyingParties
    tenant: TenantFixture = field(init=False)
    user: UserFixture = field(init=False)
    here: Browser = field(init=False)
    elsewhere: Browser = field(init=False)
    sid: str = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.tenant = world.tenant()
        self.user = world.user(self.tenant)
        clients = [client_that_is_told(world, self.tenant, self.there, name) for name in "ab"]
        self.clients = clients
        self.here, self.elsewhere = Browser(world), Browser(world)
        tokens = [tokens_of(world, self.here, client, self.user) for client in clients]
        self.sid = _claims(tokens[0])["sid"]
        tokens_of(world, self.elsewhere, clients[0], self.user)

    def write(self, job: Callable[[Any], object]) -> None:
        self.world.services.database.write(job)
        self.world.services.watch.changed()

    @property
    def actor(self) -> Any:
        return replace(self.world.operator, principal=self.tenant.id)

    def connected(self) -> Connection:
        """Let the person have come by a connection."""
        made = connect(self.world, self.tenant)
        came_by(self.world, self.user, linked(self.world, self.user, made))
        return made


def _claims(tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(jwt.decode(tokens["id_token"], options={"verify_signature": False}))


def own_sign_out(stage: Stage) -> None:
    stage.here.submit(stage.here.get("/login/logout"))


def ended_from_another_device(stage: Stage) -> None:
    agree(stage.elsewhere, "sessions", stage.sid)


def all_others_ended(stage: Stage) -> None:
    agree(stage.elsewhere, "sessions", "others")


def ended_by_an_operator(stage: Stage) -> None:
    endings, tenant = stage.world.services.endings, stage.tenant.id
    stage.write(lambda tx: endings.of_person(tx, tenant, stage.user.id, actor=stage.actor))


def all_of_the_tenant_ended(stage: Stage) -> None:
    tenants = stage.world.services.tenants
    stage.write(lambda tx: tenants.end_sessions(tx, stage.tenant.slug, stage.actor))


def password_changed(stage: Stage) -> None:
    services = stage.world.services
    made = services.hasher.hash("Another-Horse-8")
    stage.write(
        lambda tx: services.accounts.set_password(
            tx, stage.tenant.id, user_id=stage.user.id, password_hash=made, actor=stage.actor
        )
    )


def disabled(stage: Stage) -> None:
    stage.world.disable(stage.user)


def tenant_suspended(stage: Stage) -> None:
    tenants = stage.world.services.tenants
    stage.write(lambda tx: tenants.suspend(tx, stage.tenant.slug, stage.actor))


def second_factor_demanded(stage: Stage) -> None:
    policy, tenants = TenantPolicy(mfa_required=True), stage.world.services.tenants
    stage.write(lambda tx: tenants.set_policy(tx, stage.tenant.slug, policy, actor=stage.actor))


def idle(stage: Stage) -> None:
    stage.world.clock.move(hours=1, seconds=1)


def idle_by_the_tenants_rule(stage: Stage) -> None:
    policy, tenants = TenantPolicy(session_idle_minutes=10), stage.world.services.tenants
    stage.write(lambda tx: tenants.set_policy(tx, stage.tenant.slug, policy, actor=stage.actor))
    stage.world.clock.move(minutes=10, seconds=1)


def over(stage: Stage) -> None:
    for _ in range(48):
        stage.world.clock.move(minutes=30)
        stage.here.get("/account")


def connection_ended(stage: Stage) -> None:
    made = stage.connected()
    stage.write(lambda tx: ending.sessions(tx, made.id, User.id.is_not(None)))


def gone(stage: Stage) -> None:
    """As by an erasure: nothing is left of the person's sessions."""

    def job(tx: Any) -> None:
        session = tx.tenant(stage.tenant.id)
        for model in (RefreshToken, TokenFamily, AuthorizationCode):
            session.execute(delete(model), execution_options={"synchronize_session": False})
        session.execute(delete(UserSession).where(UserSession.id == stage.sid))

    stage.write(job)


WAYS = {
    way.__name__: way
    for way in (
        own_sign_out,
        ended_from_another_device,
        all_others_ended,
        ended_by_an_operator,
        all_of_the_tenant_ended,
        password_changed,
        disabled,
        tenant_suspended,
        second_factor_demanded,
        idle,
        idle_by_the_tenants_rule,
        over,
        connection_ended,
        gone,
    )
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.rfc("OIDC Back-Channel Logout 2.3: RPs are told when the session ends")
def test_every_way_in_which_a_session_ends_reaches_every_client(
    world: World, there: RelyingParties, way: Callable[[Stage], None]
) -> None:
    stage = Stage(world, there)
    assert world.services.logout.deliver_due() == 0, "everybody is signed in"
    way(stage)
    world.services.logout.deliver_due()
    for name, client in zip("ab", stage.clients, strict=True):
        (token,) = [one for one in there.tokens(world, name) if one["sid"] == stage.sid]
        assert (token["aud"], token["sub"]) == (client.id, stage.user.id)
    told = len(there.asked)
    world.services.logout.deliver_due()
    assert len(there.asked) == told, "once"


@pytest.mark.rfc("OIDC Back-Channel Logout 2.4: the logout token")
def test_the_token_says_whose_session_ended_where_and_nothing_more(
    world: World, there: RelyingParties
) -> None:
    stage = Stage(world, there)
    own_sign_out(stage)
    assert world.services.logout.deliver_due() == 2
    (asked,), (token,) = there.told("b"), there.tokens(world, "b")
    assert set(asked.given) == {"logout_token"}
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "cookie" not in asked.headers
    now = int(world.clock.now().timestamp())
    assert token == {
        "iss": "https://auth.example",
        "sub": stage.user.id,
        "aud": stage.clients[1].id,
        "iat": now,
        "exp": now + 120,
        "jti": token["jti"],
        "sid": stage.sid,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "alg": token["alg"],
    }
    (other,) = there.tokens(world, "a")
    assert other["jti"] != token["jti"]


def test_the_other_browsers_clients_are_not_told(world: World, there: RelyingParties) -> None:
    stage = Stage(world, there)
    own_sign_out(stage)
    world.services.logout.deliver_due()
    assert [token["sid"] for token in there.tokens(world, "a")] == [stage.sid]


def test_a_client_of_a_tenants_issuer_is_told_by_that_issuer(
    world: World, there: RelyingParties
) -> None:
    tenant = world.tenant(own_issuer=True)
    user, prefix = world.user(tenant), f"/t/{tenant.slug}"
    client = client_that_is_told(world, tenant, there, at_tenant_issuer=True)
    browser = Browser(world, prefix)
    tokens_of(world, browser, client, user)
    world.disable(user)
    world.services.logout.deliver_due()
    (token,) = there.tokens(world, prefix=prefix)
    assert token["iss"] == f"https://auth.example{prefix}"


def test_a_guests_clients_are_told_when_the_home_account_signs_out(
    world: World, there: RelyingParties
) -> None:
    home, abroad = world.tenant(), world.tenant()
    person = world.user(home)
    guest = world.guest(person, abroad)
    browser = Browser(world)
    client = client_that_is_told(world, abroad, there)
    tokens = tokens_of(world, browser, client, person)
    assert _claims(tokens)["sub"] == guest.id
    world.disable(person)
    world.services.logout.deliver_due()
    assert [one["sub"] for one in there.tokens(world)] == [guest.id]


def test_a_client_that_gets_no_tokens_or_wants_no_notice_is_not_told(
    world: World, there: RelyingParties
) -> None:
    tenant = world.tenant()
    user, browser = world.user(tenant), Browser(world)
    told = client_that_is_told(world, tenant, there)
    browser.code(told, user)
    tokens_of(world, browser, world.client(tenant, first_party=True), user)
    browser.submit(browser.get("/login/logout"))
    assert world.services.logout.deliver_due() == 0
    assert there.asked == []


def test_a_client_of_a_session_that_came_back_is_told_again(
    world: World, there: RelyingParties
) -> None:
    """A tenant's shorter time passes, and is taken away: the session lives, and may end again."""
    stage = Stage(world, there)
    idle_by_the_tenants_rule(stage)
    world.services.logout.deliver_due()
    longer = update(Tenant).where(Tenant.id == stage.tenant.id).values(session_idle_minutes=None)
    stage.write(lambda tx: tx.platform().execute(longer))
    tokens_of(world, stage.here, stage.clients[1], stage.user)
    own_sign_out(stage)
    world.services.logout.deliver_due()
    assert [one["sid"] for one in there.tokens(world, "b")] == [stage.sid] * 2
    assert not events(world, stage.tenant.id, "logout.undelivered")
