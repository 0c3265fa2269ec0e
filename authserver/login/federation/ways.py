"""Which providers people may sign in with at an entry, and who is sent to one at once.

Nothing here depends on whether an account exists: only on the entry, and on the domain of an
address, which belongs to one tenant.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from flask import session, url_for

from authserver.core.cache import Snapshots, Watch
from authserver.core.database.engine import Database
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.federation import connections
from authserver.federation.values import Connection
from authserver.login.entry import Entry
from authserver.tenants import domains
from authserver.tenants.domains import Route

Tenants = tuple[str, ...] | None
_ID = re.compile(r"[a-z]{2,5}_[0-9a-z]{26}")
_SENT = "sent"  # a key of the flow cookie: the hop that was sent away by a hint


@dataclass(frozen=True)
class WayView:
    """A button of the sign-in page."""

    label: str
    mark: str
    url: str


class Ways:
    """Finds connections. What it reads is kept as long as the installation's version stands."""

    def __init__(
        self, database: Database, watch: Watch, *, answers: Callable[[Connection], bool]
    ) -> None:
        """Take what says when something changed, and whether a provider can be spoken with."""
        self._database = database
        self._answers = answers
        self._usable = Snapshots(watch, self._read_usable)
        self._connection = Snapshots(watch, self._read_connection)
        self._has_routes = Snapshots(watch, self._read_has_routes)
        self._route = Snapshots(watch, self._read_route)

    def at(self, entry: Entry) -> tuple[Connection, ...]:
        """Return the connections by which people may sign in at an entry, in their order."""
        return self._usable.get(entry.audience.tenants) or ()

    def shown(self, entry: Entry) -> list[WayView]:
        """Return the buttons of an entry's sign-in page."""
        return [
            WayView(way.label, way.kind.value, url_for("federation.start", connection_id=way.id))
            for way in self.at(entry)
        ]

    def concerns(self, entry: Entry, connection: Connection) -> bool:
        """Tell whether people of the entry may know of a connection: one of theirs, or of all."""
        owner = connection.tenant_id
        return owner is None or entry.audience.serves(owner)

    def open_to(self, entry: Entry, connection: Connection) -> bool:
        """Tell whether people of the entry may come by a connection, with a button or without."""
        if not connection.enabled or connection.link_only:
            return False
        if connection.tenant_id is not None:
            return entry.audience.serves(connection.tenant_id)
        return connection.id in {way.id for way in self.at(entry)}

    def hinted(self, entry: Entry) -> Connection | None:
        """Return the connection that the client's request leads to, by a name, id or domain."""
        if entry.situation is None:
            return None
        asked = entry.situation.request
        if asked.idp_hint:
            return self._called(entry, asked.idp_hint)
        return self._of_domain(entry, asked.domain_hint.lower()) if asked.domain_hint else None

    def routed(self, entry: Entry, email: str) -> Connection | None:
        """Return the connection to which the domain of an address leads."""
        try:
            return self._of_domain(entry, parse_email(email).domain)
        except InvalidEmail:
            return None

    def asks_address_first(self, entry: Entry) -> bool:
        """Tell whether the page begins with the address alone, as it may lead to a provider.

        Where the address is known already, its domain decides. What one tenant chose changes no
        page that is for the people of all: there an address leads away as well, once it is sent.
        """
        if entry.email:
            return self.routed(entry, entry.email) is not None
        tenants = entry.audience.tenants
        return tenants is not None and bool(self._has_routes.get(tenants))

    def _called(self, entry: Entry, hint: str) -> Connection | None:
        """Return the connection of a name, or of an id, which also names one without a button."""
        named = next((way for way in self.at(entry) if hint in {way.id, way.name}), None)
        found = named or (self._connection.get(hint) if _ID.fullmatch(hint) else None)
        return found if found and self.open_to(entry, found) else None

    def _of_domain(self, entry: Entry, domain: str) -> Connection | None:
        if not self._has_routes.get(entry.audience.tenants):
            return None
        route = self._route.get(domain)
        if route is None or not entry.audience.serves(route.tenant_id):
            return None
        found = self._connection.get(route.connection_id)
        return found if found and self.open_to(entry, found) and self._answers(found) else None

    def _read_usable(self, tenants: Tenants) -> tuple[Connection, ...]:
        with self._database.read() as view:
            return tuple(connections.usable(view, tenants))

    def _read_connection(self, connection_id: str) -> Connection | None:
        with self._database.read() as view:
            return connections.find(view, connection_id)

    def _read_has_routes(self, tenants: Tenants) -> bool:
        with self._database.read() as view:
            return domains.has_routes(view, tenants)

    def _read_route(self, domain: str) -> Route | None:
        with self._database.read() as view:
            return domains.route(view, domain)


def was_sent(entry: Entry) -> bool:
    """Tell whether this browser was sent away from this entry before: then it stays here."""
    return session.get(_SENT) == entry.hop.pending_id


def remember_sent(entry: Entry) -> None:
    """Note that the browser is sent away from the entry."""
    session[_SENT] = entry.hop.pending_id
