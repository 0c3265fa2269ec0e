"""People whom a provider has proved, without the provider: answers as connectors check them.

What connectors and pages do is tested with simulated providers; here is what comes after.
"""

import os
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from authserver.accounts.directory import Audience, UserSnapshot, snapshot
from authserver.accounts.service import get
from authserver.audit.events import Actor
from authserver.core.ids import new_id, new_secret
from authserver.core.net.browsers import describe
from authserver.core.net.email import parse_email
from authserver.federation.connectors.base import Answer
from authserver.federation.entering import Attempt, Outcome
from authserver.federation.models import FederatedIdentity, FederationConnection
from authserver.federation.values import Connection, Identity, Kind, Tokens
from authserver.mfa.partial import Hop, Partial
from authserver.sessions.service import LiveSession, SessionStart
from authserver.tenants.models import Tenant, TenantDomain
from tests.support.trail import events
from tests.support.world import TenantFixture, UserFixture, World

OP = "https://op.example"


def hop(page: str = "overview") -> Hop:
    """Return the entry of a page of ours in a browser of its own."""
    return Hop(f"page:{page}:{os.urandom(8).hex()}", new_secret())


def gmail(name: str = "ada") -> str:
    """Return an address of which Google has authority, and that no other test has."""
    return f"{name}-{os.urandom(5).hex()}@gmail.com"


def answer(subject: str | None = None, *, email: str | None = None, **more: Any) -> Answer:
    """Return what a provider says of somebody; `issuer`, `domain`, `groups`, … as in Identity."""
    identity = Identity(
        more.pop("issuer", OP),
        subject or os.urandom(6).hex(),
        more.pop("label", email or "ada"),
        email=parse_email(email) if email else None,
        email_verified=more.pop("email_verified", email is not None),
        **more,
    )
    return Answer(identity, Tokens("at"))


@dataclass
class House:
    """A tenant and what signs its people in."""

    world: World
    tenant: TenantFixture

    def connect(self, kind: Kind = Kind.GOOGLE, *, own: bool = False, **more: Any) -> Connection:
        """Make a connection, of the platform or the tenant's own, behind the services."""
        connection = Connection(
            id=new_id("idp"),
            tenant_id=self.tenant.id if own else None,
            kind=kind,
            name=f"c-{os.urandom(5).hex()}",
            label=kind.value.capitalize(),
            client_id="client",
            **more,
        )
        now = self.world.clock.now()
        row = FederationConnection(
            **{
                **vars(connection),
                "owner": connection.tenant_id or "platform",
                "scopes": list(connection.scopes),
                "allowed": list(connection.allowed),
                "claims": dict(connection.claims),
                "default_roles": list(connection.default_roles),
                "group_roles": dict(connection.group_roles),
                "created_at": now,
                "updated_at": now,
            }
        )
        self.write(lambda tx: tx.platform().add(row))
        return connection

    def change(self, connection: Connection, **values: Any) -> None:
        """Change a connection behind the services."""
        mine = update(FederationConnection).where(FederationConnection.id == connection.id)
        self.write(lambda tx: tx.platform().execute(mine.values(**values)) and None)

    def set(self, **values: Any) -> None:
        """Change the tenant behind the services."""
        mine = update(Tenant).where(Tenant.id == self.tenant.id)
        self.write(lambda tx: tx.tenant(self.tenant.id).execute(mine.values(**values)) and None)
        self.world.services.watch.changed()

    def own(self, domain: str = "", *, proved: bool = True) -> str:
        """Let the tenant say, and prove, that a domain is its own; by itself one of no other."""
        domain = domain or f"d{os.urandom(5).hex()}.example"
        now = self.world.clock.now()
        row = TenantDomain(
            id=new_id("dom"),
            domain=domain,
            token=new_secret(),
            created_at=now,
            verified_at=now if proved else None,
        )
        self.write(lambda tx: tx.tenant(self.tenant.id).add(row))
        return domain

    def enter(self, connection: Connection, said: Answer, **more: Any) -> Outcome:
        """Let somebody come back from the provider; the entry serves this tenant alone."""
        attempt = self.attempt(connection, said, **more)
        return self.write(lambda tx: self.world.services.upstream.sign_in.enter(tx, attempt))

    def attempt(self, connection: Connection, said: Answer, **more: Any) -> Attempt:
        return Attempt(
            connection=connection,
            answer=said,
            audience=more.pop("audience", Audience(self.tenant.id, (self.tenant.id,))),
            organization=more.pop("organization", None),
            hop=more.pop("at", None) or hop(),
            registers=more.pop("registers", None),
            second_factor=more.pop("second_factor", False),
            by=stranger(),
        )

    def partial(self, outcome: Outcome) -> Partial:
        """Return the partial sign-in of an outcome."""
        claimed, factors = outcome.claimed, self.world.services.factors
        assert claimed is not None, outcome
        with self.world.services.database.read() as view:
            found = factors.find(view, claimed)
        assert found is not None
        return found

    def arrive(self, outcome: Outcome) -> LiveSession:
        """End a sign-in where nothing is missing any more, as the pages do."""
        claimed, services = outcome.claimed, self.world.services
        assert claimed is not None, outcome

        def job(tx: Any) -> LiveSession:
            done = services.factors.complete(tx, claimed, kept=False, by=stranger())
            assert done is not None
            start = SessionStart(
                issuer="https://auth.example",
                user=done.user,
                level=2 if done.proven_at else 1,
                amr=done.amr,
                actor=replace(stranger(), kind="user", principal=done.user.id),
                device=describe(""),
                identity_id=done.first.identity_id,
            )
            return services.sessions.start(tx, start)[0]

        return self.write(job)

    def link(self, user: UserFixture, connection: Connection, said: Answer) -> str:
        """Link an identity as somebody does who is signed in."""
        identities = self.world.services.upstream.identities
        return self.write(
            lambda tx: identities.link(
                tx, self.snapshot(tx, user), said, connection=connection, by=acting(user)
            )
        )

    def take(self, at: Hop, user: UserFixture) -> bool:
        """Be somebody who has just signed in at a hop; tell whether what waits was linked."""
        offers = self.world.services.upstream.offers
        return self.write(lambda tx: offers.take(tx, at, self.snapshot(tx, user), by=acting(user)))

    def unlink(self, user: UserFixture, identity_id: str) -> UserSnapshot:
        identities = self.world.services.upstream.identities
        return self.write(
            lambda tx: identities.unlink(tx, self.snapshot(tx, user), identity_id, by=acting(user))
        )

    def snapshot(self, tx: Any, user: UserFixture) -> UserSnapshot:
        return snapshot(get(tx, user.tenant.id, user.id))

    def links(self, user: UserFixture | None = None) -> list[FederatedIdentity]:
        """Return the links of the tenant, or of one account."""
        rows = FederatedIdentity
        wanted = select(rows).where(rows.tenant_id == self.tenant.id).order_by(rows.id)
        if user:
            wanted = wanted.where(rows.user_id == user.id)
        with self.world.services.database.read() as view:
            found = list(view.platform().scalars(wanted))
            view.platform().expunge_all()
        return found

    def roles(self, user_id: str) -> list[str]:
        with self.world.services.database.read() as view:
            return self.world.services.roles.roles_of(view, self.tenant.id, user_id)

    def reasons(self) -> list[tuple[str, str]]:
        """Return what became of refused sign-ins, and why, by the tenant's trail."""
        found = events(self.world, self.tenant.id, "upstream_sign_in.refused")
        facts = [event.document["facts"] for event in found]
        return [(one["decision"], one["reason"]) for one in facts]

    def not_linked(self) -> list[str]:
        """Return why what was offered was linked to nobody, by the tenant's trail."""
        found = events(self.world, self.tenant.id, "identity.refused")
        return [event.document["facts"]["reason"] for event in found]

    def write(self, job: Any) -> Any:
        return self.world.services.database.write(job)


def make(world: World, kind: str = "customer") -> House:
    """Return a new tenant that links by proved addresses."""
    house = House(world, world.tenant(kind))
    house.set(links_by_email=True)
    return house


def everybody(*houses: House) -> Audience:
    """Return the people of several tenants, at a client of the first."""
    return Audience(houses[0].tenant.id, tuple(house.tenant.id for house in houses))


def stranger() -> Actor:
    return Actor("anonymous", "", new_id("cor"), "203.0.113.9", "Mozilla/5.0 Firefox/140.0")


def acting(user: UserFixture) -> Actor:
    return replace(stranger(), kind="user", principal=user.id)
