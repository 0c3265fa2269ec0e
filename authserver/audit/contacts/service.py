"""Naming a contact: asked for, proved by a link to the mailbox, and told to the one before.

Until the link is used the contact of before stays in force: a typo, or whoever has an
administrator's session for a moment, does not turn the checkpoints elsewhere unseen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from authserver.audit.contacts import notices
from authserver.audit.contacts.links import ContactLinkClosed, ContactLinks
from authserver.audit.contacts.models import ContactLink, TrailContact
from authserver.audit.contacts.notices import Change
from authserver.audit.contacts.values import Contact, Organization, Organizations
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import Conflict, Problem
from authserver.core.values.said import reason, said
from authserver.delivery.outbox import Message, enqueue

_RESOURCE = "trail contact"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Tools:
    """What contacts are kept with."""

    database: Database
    trail: Trail
    clock: Clock
    keyring: Keyring
    organizations: Organizations


@dataclass(frozen=True)
class Offered:
    """What a link makes of a mailbox: the contact of which organization, and in whose place."""

    organization: Organization
    address: str
    before: str | None


class TrailContacts:
    """Keeps contacts."""

    def __init__(self, tools: Tools) -> None:
        """Take what it works with."""
        self._tools = tools
        self._links = ContactLinks(tools.clock)

    def of(self, transaction: Transaction, tenant_id: str) -> Contact:
        """Return a tenant's contact, and what waits."""
        row = transaction.tenant(tenant_id).get(TrailContact, tenant_id)
        waiting = self._links.waiting(transaction, tenant_id)
        if row is None:
            return Contact(waiting=waiting)
        return Contact(row.address, row.told_at, row.checkpoint, waiting)

    def name(
        self, transaction: Transaction, tenant_id: str, *, address: str, actor: Actor
    ) -> Contact:
        """Mail a link to the mailbox; once it is used, checkpoints go there.

        The present contact is told, and stays. Whose address it is already stays, too, and what
        waited is called off. Raises Problem, TooManyRequests.
        """
        address = _checked(address)
        whose = self._tools.organizations(transaction, tenant_id, lock=True)
        present = self.of(transaction, tenant_id)
        if present.address == address:
            self._call_off(transaction, whose, actor)
            return self.of(transaction, tenant_id)
        change = self._change(whose, address, actor)
        self._send_link(transaction, change)
        if present.address and not (present.waiting and present.waiting.address == address):
            self._post(transaction, notices.will_change(change, present.address))
        return self.of(transaction, tenant_id)

    def resend(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> Contact:
        """Mail a new link to the mailbox that waits; the one of before ends.

        Raises Conflict where none waits, TooManyRequests.
        """
        whose = self._tools.organizations(transaction, tenant_id, lock=True)
        waiting = self._links.waiting(transaction, tenant_id)
        if waiting is None:
            raise Conflict("No security contact waits for its confirmation.")
        self._send_link(transaction, self._change(whose, waiting.address, actor))
        return self.of(transaction, tenant_id)

    def withdraw(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> Contact:
        """Call off what waits, if anything does: its link is worth nothing any more."""
        whose = self._tools.organizations(transaction, tenant_id, lock=True)
        self._call_off(transaction, whose, actor)
        return self.of(transaction, tenant_id)

    def remove(self, transaction: Transaction, tenant_id: str, *, actor: Actor) -> None:
        """Mail nobody any more, nor who waits. Who was the contact is told."""
        whose = self._tools.organizations(transaction, tenant_id, lock=True)
        self._call_off(transaction, whose, actor)
        session = transaction.tenant(tenant_id)
        row = session.get(TrailContact, tenant_id)
        if row is not None:
            before = row.address
            session.delete(row)
            session.flush()
            self._changed(transaction, self._change(whose, "", actor), before)

    def look(self, token: str, *, issuer: str) -> Offered:
        """Return what a link is for. Changes nothing: scanners follow links.

        Raises ContactLinkClosed.
        """
        with self._tools.database.read() as view:
            row = self._links.find(view, token, issuer=issuer)
            whose = _usable(self._tools.organizations(view, row.tenant_id))
            return Offered(whose, row.address, self.of(view, row.tenant_id).address)

    def confirm(self, token: str, *, issuer: str, actor: Actor) -> None:
        """Let checkpoints go to the mailbox from now on. Raises ContactLinkClosed."""
        self._tools.database.write(
            lambda transaction: self._confirm(transaction, token, issuer=issuer, actor=actor)
        )

    def _confirm(self, transaction: Transaction, token: str, *, issuer: str, actor: Actor) -> None:
        link = self._links.find(transaction, token, issuer=issuer)
        whose = _usable(self._tools.organizations(transaction, link.tenant_id, lock=True))
        self._links.claim(transaction, link)
        before = self._put(transaction, link)
        somebody = replace(actor, principal=whose.id)  # who reads the mailbox: nobody knows who
        self._changed(transaction, self._change(whose, link.address, somebody), before)

    def _put(self, transaction: Transaction, link: ContactLink) -> str | None:
        """Make the mailbox the contact; return the one of before."""
        session = transaction.tenant(link.tenant_id)
        row = session.get(TrailContact, link.tenant_id, populate_existing=True)
        before = row.address if row else None
        if row is None:
            row = TrailContact(tenant_id=link.tenant_id)
            session.add(row)
        row.address, row.told_at, row.checkpoint = link.address, None, None
        session.flush()
        return before

    def _send_link(self, transaction: Transaction, change: Change) -> None:
        self._links.check_rate(transaction, change.whose.id)
        url = self._links.issue(transaction, change.whose, change.new)
        self._post(transaction, notices.confirm(change, url))
        self._record(transaction, EventType.TRAIL_CONTACT_ASKED, change)

    def _call_off(self, transaction: Transaction, whose: Organization, actor: Actor) -> None:
        address = self._links.close(transaction, whose.id)
        if address is not None:
            change = self._change(whose, address, actor)
            self._record(transaction, EventType.TRAIL_CONTACT_WITHDRAWN, change)

    def _changed(self, transaction: Transaction, change: Change, before: str | None) -> None:
        if before is not None:
            self._post(transaction, notices.changed(change, before))
        facts = {"named": bool(change.new)}
        self._record(transaction, EventType.TRAIL_CONTACT_CHANGED, change, facts=facts)

    def _change(self, whose: Organization, new: str, actor: Actor) -> Change:
        return Change(whose, new, actor, self._tools.clock.now())

    def _post(self, transaction: Transaction, message: Message) -> None:
        tools = self._tools
        enqueue(transaction, message, keyring=tools.keyring, now=tools.clock.now())

    def _record(
        self,
        transaction: Transaction,
        what: EventType,
        change: Change,
        *,
        facts: Mapping[str, object] = _NOTHING,
    ) -> None:
        private = {"contact": change.new} if change.new else _NOTHING
        event = Event(
            what, change.whose.id, change.actor, resource=_RESOURCE, facts=facts, private=private
        )
        self._tools.trail.record(transaction, event)


def _usable(whose: Organization) -> Organization:
    """Return it. Raises ContactLinkClosed while the tenant is suspended."""
    if whose.suspended:
        raise ContactLinkClosed(detail="the tenant is suspended")
    return whose


def _checked(address: str) -> str:
    try:
        return parse_email(address.strip()).as_typed
    except InvalidEmail as error:
        why = reason(error)
        text = said("The email address is not usable: %(why)s.", why=why)
        raise Problem(text, field="address") from error
