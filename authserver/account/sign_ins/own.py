"""What the page knows and changes of an account's linked sign-ins, each change as a job of its own.

Who connects another one is bound by the errand that the browser is sent away with: to the account,
the session and the connection, good once (ATK-005, ATK-008, ATK-012).
"""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import get_locale

from authserver.account.access import Visitor, visitor
from authserver.account.factors.tools import Tools
from authserver.account.views import Moment, moment
from authserver.core import web
from authserver.core.database.engine import Transaction
from authserver.federation import connections
from authserver.federation.identities import Identities, Linked
from authserver.federation.journeys import Journeys, Wish
from authserver.federation.states import Errand, Person
from authserver.federation.values import Connection
from authserver.mfa.own.values import Keep, Present


@dataclass(frozen=True)
class LinkedView:
    """A linked sign-in as pages show it. `open`: it signs in; else `link_only`, or closed."""

    id: str
    connection_id: str
    mark: str
    provider: str
    label: str
    since: Moment
    used: Moment | None
    open: bool
    link_only: bool


@dataclass(frozen=True)
class WayView:
    """A provider that can be connected."""

    id: str
    mark: str
    provider: str
    link_only: bool


@dataclass(frozen=True)
class Section:
    """What there is of an account: linked sign-ins, and what can be connected besides."""

    linked: tuple[LinkedView, ...]
    ways: tuple[WayView, ...]
    url: str


class SignIns:
    """Knows and changes the linked sign-ins of the person who asks."""

    def __init__(self, tools: Tools, identities: Identities, journeys: Journeys) -> None:
        """Take what the account's pages have in common, what links, and the way to providers."""
        self._tools = tools
        self._identities = identities
        self._journeys = journeys

    def section(self, who: Visitor) -> Section | None:
        """Return what there is; None for a guest, who signs in through the home account."""
        if who.person.home_user_id is not None:
            return None
        with self._tools.database.read() as view:
            linked = self._identities.of_person(view, who.session.user)
            ways = {one.id: one for one in connections.linkable(view, who.tenant_id)}
        taken = {one.connection_id for one in linked}
        return Section(
            tuple(_linked_view(one, ways.get(one.connection_id)) for one in linked),
            tuple(_way_view(one) for one in ways.values() if one.id not in taken),
            url_for("account.sign_ins"),
        )

    def may_unlink(self, identity_id: str) -> bool:
        """Tell whether anything else opens the account."""
        with self._tools.database.read() as view:
            return self._identities.may_unlink(view, visitor().session.user, identity_id)

    def unlink(self, identity_id: str, *, keep: Keep) -> None:
        """Take a link away: everything ends but what `keep` keeps. Raises NotFound, LastWayIn."""

        def job(transaction: Transaction, who: Present) -> None:
            keep(
                transaction,
                self._identities.unlink(transaction, who.user, identity_id, by=who.by),
            )

        self._tools.write(job)

    def leave(self, connection_id: str) -> str:
        """Return where the browser proves an account of a provider. Raises UpstreamDown."""
        connection = self._journeys.find(connection_id)
        if connection is None:
            raise LookupError(f"{connection_id} was shown and is gone")
        who, present, issuer = visitor(), self._tools.present(), request.environ[web.ISSUER].url
        person = Person(who.tenant_id, who.id, who.session.id)
        errand = Errand(connection.id, place=(), hop=who.session.id, person=person)
        wish = Wish(
            connections.redirect_uri(issuer, connection.id), ui_locales=(str(get_locale()),)
        )
        return self._journeys.leave(connection, errand, wish, browser=present.browser)


def _linked_view(one: Linked, connection: Connection | None) -> LinkedView:
    link_only = connection is not None and connection.link_only
    return LinkedView(
        id=one.id,
        connection_id=one.connection_id,
        mark=one.kind.value,
        provider=one.connection_label,
        label=one.label,
        since=moment(one.created_at),
        used=moment(one.last_used_at) if one.last_used_at else None,
        open=connection is not None and not link_only,
        link_only=link_only,
    )


def _way_view(one: Connection) -> WayView:
    return WayView(one.id, one.kind.value, one.label, one.link_only)
