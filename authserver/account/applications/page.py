"""/account/applications: which clients have access, to what, and how to take it away."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Visitor, visitor
from authserver.account.applications.opened import Opening, Openings
from authserver.account.views import Moment, Pages, Question, moment
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.clients.registered import RegisteredClient
from authserver.core import web
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.net.uri import parse_uri
from authserver.core.problems import NotFound
from authserver.oauth import scopes
from authserver.oauth.authorize import consents
from authserver.privacy.consents.service import ConsentRecords
from authserver.privacy.consents.values import Act, Decision
from authserver.tokens import holders
from authserver.tokens.people.scopes import of_scopes


class Words(Protocol):
    """A scope as people read it."""

    @property
    def title(self) -> str:
        """Say in a few words what it allows."""


@dataclass(frozen=True)
class Granted:
    """What one client has: allowed by consent, held as tokens, or both."""

    client_id: str
    scope: frozenset[str]
    since: datetime
    refreshed_at: datetime | None = None
    claims: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ApplicationView:
    """A client with access."""

    id: str
    name: str
    tenant_name: str
    may: tuple[str, ...]
    since: Moment
    refreshed: Moment | None


@dataclass(frozen=True)
class OpeningView:
    """A client that can be opened from here."""

    name: str
    tenant_name: str
    url: str
    host: str


class Applications:
    """Knows and ends what clients have of an account, at every issuer."""

    def __init__(
        self,
        database: Database,
        *,
        trail: Trail,
        records: ConsentRecords,
        clock: Clock,
        access_token_life: timedelta,
    ) -> None:
        """Take what it reads, writes and records with."""
        self._records = records
        self._database = database
        self._trail = trail
        self._clock = clock
        self._life = access_token_life

    def of(self, who: Visitor) -> list[Granted]:
        """Return what each client has, the latest given first."""
        with self._database.read() as view:
            allowed = consents.of_person(view, who.tenant_id, who.id)
            held = holders.of_person(
                view,
                who.tenant_id,
                user_id=who.id,
                now=self._clock.now(),
                access_token_life=self._life,
            )
        every = [
            Granted(
                one.client_id, frozenset(one.scope), one.granted_at, claims=frozenset(one.claims)
            )
            for one in allowed
        ]
        every += [
            Granted(one.client_id, frozenset(one.scope), one.created_at, one.refreshed_at)
            for one in held
        ]
        return sorted(_by_client(every), key=lambda one: one.since, reverse=True)

    def revoke(self, who: Visitor, client_id: str) -> None:
        """Take everything from a client, for the very next request; nothing the second time."""

        def job(transaction: Transaction) -> None:
            now, mine = self._clock.now(), {"user_id": who.id, "client_id": client_id}
            consent = consents.withdraw(transaction, who.tenant_id, **mine, now=now)
            families = holders.revoke(transaction, who.tenant_id, **mine, now=now)
            if consent:
                taken = Decision(Act.WITHDRAWN, client_id)
                self._records.add(transaction, who.tenant_id, taken, actor=who.actor)
            if consent or families:
                event = Event(
                    EventType.ACCESS_REVOKED,
                    who.tenant_id,
                    who.actor,
                    subject=who.id,
                    resource=f"client:{client_id}",
                    facts={"consent": consent, "families": families},
                )
                self._trail.record(transaction, event)

        self._database.write(job)


class ApplicationsPage:
    """Lists clients with access, and takes it away."""

    def __init__(
        self,
        pages: Pages,
        applications: Applications,
        *,
        openings: Openings,
        clients: Snapshots[str, RegisteredClient],
        words: tuple[Callable[[str], Words], Callable[[Collection[str]], Words | None]],
    ) -> None:
        """Take what knows the clients, and what puts scopes and claims into words."""
        self._pages = pages
        self._applications = applications
        self._openings = openings
        self._clients = clients
        self._describe, self._describe_claims = words

    def show(self) -> Response:
        """Show the list, or ask whether to take away what `about` names. Raises NotFound."""
        found = [self._view(one) for one in self._applications.of(visitor())]
        about = request.args.get("about")
        if about is None:
            opened = self._openings.of(visitor().session, request.environ[web.ISSUER])
            return self._pages.render(
                "account/applications.html",
                applications=found,
                openings=[_opening(one) for one in opened],
            )
        return self._pages.confirm(_question(_one(found, about)))

    def submit(self) -> Response:
        """Take a client's access away. Raises NotFound."""
        who, about = visitor(), request.form.get("about", "")
        found = [self._view(one) for one in self._applications.of(who)]
        named = _one(found, about)
        self._applications.revoke(who, named.id)
        flash(_("%(application)s has no access any more.", application=named.name))
        return redirect(url_for("account.applications"), code=303)

    def _view(self, granted: Granted) -> ApplicationView:
        client = self._clients.get(granted.client_id)
        return ApplicationView(
            id=granted.client_id,
            name=client.name if client else granted.client_id,
            tenant_name=client.tenant.name if client else "",
            may=self._may(granted),
            since=moment(granted.since),
            refreshed=moment(granted.refreshed_at) if granted.refreshed_at else None,
        )

    def _may(self, granted: Granted) -> tuple[str, ...]:
        """Return what a client may do, in words: by scope, then by the names of claims."""
        by_scope = [self._describe(scope).title for scope in _in_order(granted.scope)]
        named = self._describe_claims(granted.claims.difference(of_scopes(tuple(granted.scope))))
        return (*by_scope, *([named.title] if named else ()))


def _opening(opening: Opening) -> OpeningView:
    client = opening.client
    host = parse_uri(opening.url).authority
    return OpeningView(client.name, client.tenant.name, opening.url, host)


def _by_client(every: Iterable[Granted]) -> list[Granted]:
    """Put together what concerns the same client: since the first, refreshed at the last."""
    found: dict[str, Granted] = {}
    for one in every:
        known = found.get(one.client_id, one)
        times = [at for at in (known.refreshed_at, one.refreshed_at) if at]
        found[one.client_id] = replace(
            known,
            scope=known.scope | one.scope,
            claims=known.claims | one.claims,
            since=min(known.since, one.since),
            refreshed_at=max(times, default=None),
        )
    return list(found.values())


def _in_order(scope: Iterable[str]) -> list[str]:
    """Return what is about the person first, in the order of the consent page, then the rest."""
    about = scopes.OPENID_SCOPES
    return sorted(scope, key=lambda one: (about.index(one) if one in about else len(about), one))


def _one(found: list[ApplicationView], client_id: str) -> ApplicationView:
    for one in found:
        if one.id == client_id:
            return one
    raise NotFound("There is no such application.", detail=client_id)


def _question(application: ApplicationView) -> Question:
    return Question(
        _("Take away the access of %(application)s?", application=application.name),
        _(
            "It ends at once, also for what it does while you are away. The application has to"
            " ask you again."
        ),
        _("Take access away"),
        application.id,
    )
