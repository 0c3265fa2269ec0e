"""A tenant that says that a domain is its own, and the DNS as a test sets it."""

from dataclasses import replace

from authserver.audit.events import Actor, EventType
from authserver.tenants import domains
from authserver.tenants.domains import Route
from authserver.tenants.proving.lookups import Lookups
from authserver.tenants.proving.service import Domain
from tests.support.dns import Records
from tests.support.federation import write
from tests.support.trail import events
from tests.support.world import TenantFixture, World


class House:
    """A tenant, the DNS as it is for it, and a domain that it says is its own."""

    def __init__(self, world: World, dns: Records, domain: str) -> None:
        self.world, self.dns, self.domain = world, dns, domain
        self.tenant: TenantFixture = world.tenant()
        self.service = world.services.federation.domains
        database, clock = world.services.database, world.clock
        self.lookups = Lookups(database, self.service, resolver=dns, clock=clock)

    @property
    def actor(self) -> Actor:
        return replace(self.world.operator, principal="")

    def add(self) -> Domain:
        return write(
            self.world,
            lambda tx: self.service.add(tx, self.tenant.id, self.domain, actor=self.actor),
        )

    def publish(self) -> Domain:
        added = self.add()
        self.dns.put(added.record)
        return added

    def verify(self) -> Domain:
        return self.lookups.verify(self.tenant.id, self.domain, actor=self.actor)

    def look_again(self) -> Domain:
        return self.lookups.look_again(self.tenant.id, self.domain, actor=self.actor)

    def remove(self) -> None:
        write(
            self.world,
            lambda tx: self.service.remove(tx, self.tenant.id, self.domain, actor=self.actor),
        )

    def send(self, name: str | None) -> Domain:
        return write(
            self.world,
            lambda tx: self.world.services.federation.routing.send(
                tx, self.tenant.id, self.domain, name=name, actor=self.actor
            ),
        )

    @property
    def route(self) -> Route | None:
        with self.world.services.database.read() as view:
            return domains.route(view, self.domain)

    @property
    def proved(self) -> frozenset[str]:
        with self.world.services.database.read() as view:
            return domains.proved(view, self.tenant.id)

    def record_asked(self) -> int:
        """Tell how often the DNS was asked about the domain."""
        return self.dns.asked.count(f"_authserver-challenge.{self.domain}")

    def routed(self) -> list[dict[str, object]]:
        return self.said(EventType.DOMAIN_ROUTED)

    def said(self, event: EventType) -> list[dict[str, object]]:
        return [one.document["facts"] for one in events(self.world, self.tenant.id, event)]
