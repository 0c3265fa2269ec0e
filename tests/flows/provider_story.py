"""The part of the story about upstream sign-in: connections, domains, and whom providers prove."""

from contextlib import suppress
from functools import cached_property
from typing import Any

from authserver.audit.events import EventType as Type
from authserver.core.problems import NotFound
from authserver.federation.values import Connection
from authserver.tenants.proving.service import GRACE
from tests.flows.entry_story import Change, EntryStory
from tests.support import domains, federation, proofs
from tests.support.browser import Browser
from tests.support.dns import Records
from tests.support.provider_tokens import Owner


class ProviderStory(EntryStory):
    """A tenant has a provider and a domain of its own; people come by the one, to the other."""

    @cached_property
    def house(self) -> proofs.House:
        return proofs.House(self.world, self.tenant)

    def connect(self, **fields: Any) -> Connection:
        return federation.connect(self.world, self.tenant, **fields)

    def on_the_connection(self, method: str, *, disabled: bool = False, **more: Any) -> Change:
        """Return what a method of the service does to a new connection."""
        made, service = self.connect(), self.services.federation.connections
        if disabled:
            federation.disable(self.world, made)
        change = getattr(service, method)
        return self.write(
            lambda tx: change(
                tx, self.tenant.id, made.name, actor=federation.by(self.world), **more
            )
        )

    def remove_connection(self) -> Change:
        made, removal = self.connect(), self.services.federation.removal
        federation.disable(self.world, made)
        by = federation.by(self.world)
        return self.write(lambda tx: removal.remove(tx, self.tenant.id, made.name, actor=by))

    def end_sessions(self) -> Change:
        """Switch a connection off by which somebody is signed in, where that ends sessions."""
        federation.set_policy(self.world, self.tenant, ends_federated_sessions=True)
        made = self.connect()
        Browser(self.world).complete(self.client, self.person)
        federation.came_by(
            self.world, self.person, federation.linked(self.world, self.person, made)
        )
        return lambda: federation.disable(self.world, made)

    def domain(self, *, before: str, then: str = "") -> Change:
        """Return the method `then` of a domain at which everything up to `before` was done."""
        house = domains.House(self.world, Records(), f"{self.tenant.slug}.example.com")
        house.tenant = self.tenant
        for step in before.split():
            getattr(house, step)()
        return getattr(house, then)

    def route(self) -> Change:
        house = domains.House(self.world, Records(), f"{self.tenant.slug}.example.com")
        house.tenant, made = self.tenant, self.connect()
        house.publish()
        house.verify()
        return lambda: house.send(made.name)

    def miss(self, *, lost: bool) -> Change:
        """Look for a record that is gone: a first time, or after the grace."""
        house = domains.House(self.world, Records(), f"{self.tenant.slug}.example.com")
        house.tenant = self.tenant
        house.publish()
        house.verify()
        house.dns.at.clear()
        if lost:
            house.look_again()
            self.world.clock.move(seconds=GRACE.total_seconds() + 1)
        return house.look_again

    def link(self) -> Change:
        made, said = self.connect(), proofs.answer()
        return lambda: self.house.link(self.person, made, said)

    def unlink(self) -> Change:
        identity_id = self.house.link(self.person, self.connect(), proofs.answer())
        return lambda: self.house.unlink(self.person, identity_id)

    def come_back(self, *, linked: bool) -> Change:
        """Let a provider prove somebody who is linked and needs a factor, or whom nobody knows."""
        made, said = self.connect(), proofs.answer()
        if linked:
            self.house.link(self.person, made, said)
        return lambda: self.house.enter(made, said, second_factor=linked)

    def drop_tokens(self) -> Change:
        """Ask for new tokens at a provider that takes the refresh token no more."""
        owner = Owner(self.world)
        owner.provider.good = "another"

        def change() -> None:
            with suppress(NotFound):
                owner.current(anew=True)

        return change

    def take(self) -> Change:
        """Sign in where somebody is offered who is linked to another account by now."""
        made, said, at = self.connect(), proofs.answer(), proofs.hop()
        self.house.enter(made, said, at=at)
        self.house.link(self.other, made, said)
        return lambda: self.house.take(at, self.person)


STEPS: dict[Type, Any] = {
    Type.CONNECTION_CREATED: lambda s: s.connect,
    Type.CONNECTION_CHANGED: lambda s: s.on_the_connection("change", changes={"label": "New"}),
    Type.CONNECTION_SECRET_CHANGED: lambda s: s.on_the_connection("set_secret", secret="another"),
    Type.CONNECTION_DISABLED: lambda s: s.on_the_connection("disable"),
    Type.CONNECTION_ENABLED: lambda s: s.on_the_connection("enable", disabled=True),
    Type.CONNECTION_REMOVED: ProviderStory.remove_connection,
    Type.CONNECTION_SESSIONS_ENDED: ProviderStory.end_sessions,
    Type.DOMAIN_ADDED: lambda s: s.domain(before="", then="add"),
    Type.DOMAIN_VERIFIED: lambda s: s.domain(before="publish", then="verify"),
    Type.DOMAIN_REMOVED: lambda s: s.domain(before="add", then="remove"),
    Type.DOMAIN_ROUTED: ProviderStory.route,
    Type.DOMAIN_MISSED: lambda s: s.miss(lost=False),
    Type.DOMAIN_LOST: lambda s: s.miss(lost=True),
    Type.IDENTITY_LINKED: ProviderStory.link,
    Type.IDENTITY_UNLINKED: ProviderStory.unlink,
    Type.IDENTITY_REFUSED: ProviderStory.take,
    Type.PROVIDER_TOKENS_DROPPED: ProviderStory.drop_tokens,
    Type.UPSTREAM_ACCEPTED: lambda s: s.come_back(linked=True),
    Type.UPSTREAM_REFUSED: lambda s: s.come_back(linked=False),
}
