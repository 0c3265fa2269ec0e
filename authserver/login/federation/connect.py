"""Back from a provider at which somebody who is signed in connects another way in.

The account page sends them there; its errand names the person and the session, and only a browser
that still has that session comes to anything here (ATK-008).
"""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind
from authserver.core import web
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import Conflict, Refused
from authserver.federation.connectors.base import Answer
from authserver.federation.identities import Identities
from authserver.federation.journeys import Journeys
from authserver.federation.states import Person, Returned
from authserver.federation.values import Connection
from authserver.login.federation import notes
from authserver.login.federation.answers import Fruitless, answer_of
from authserver.login.federation.notes import Note, Reason
from authserver.oauth.authorize.flow import Browser
from authserver.oauth.authorize.pending import FlowClosed
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.resolve import Issuer


class Connecting:
    """Connects what a provider says to whoever is signed in."""

    def __init__(
        self,
        database: Database,
        sessions: SessionService,
        journeys: Journeys,
        *,
        identities: Identities,
    ) -> None:
        """Take what knows sessions, what asks providers, and what links."""
        self._database = database
        self._sessions = sessions
        self._journeys = journeys
        self._identities = identities

    def connect(
        self, connection: Connection, returned: Returned, person: Person, *, browser: Browser
    ) -> Response:
        """Link, and return to the page that lists it. Raises FlowClosed without the session."""
        issuer: Issuer = request.environ[web.ISSUER]
        self._live(person, browser, issuer)
        try:
            closed = not connection.enabled
            answer = answer_of(self._journeys, connection, returned, issuer=issuer, closed=closed)
            # Asking took its time: whoever was signed out meanwhile links nothing.
            live = self._live(person, browser, issuer)
            self._link(live, connection, answer, browser=browser)
        except Fruitless as fruitless:
            notes.record(fruitless.reason, connection.id, detail=fruitless.detail)
            return _back(notes.connecting(fruitless.reason, connection))
        except (Conflict, Refused) as refused:
            notes.record(Reason.REFUSED, connection.id, detail=refused.detail)
            reason = Reason.TAKEN if isinstance(refused, Conflict) else Reason.REFUSED
            return _back(notes.connecting(reason, connection))
        return _back(notes.connecting(None, connection))

    def _link(
        self, live: LiveSession, connection: Connection, answer: Answer, *, browser: Browser
    ) -> None:
        by = replace(browser.actor, kind=ActorKind.USER, principal=live.user.id)

        def job(transaction: Transaction) -> None:
            self._identities.link(transaction, live.user, answer, connection=connection, by=by)

        self._database.write(job)

    def _live(self, person: Person, browser: Browser, issuer: Issuer) -> LiveSession:
        """Return the session that the person was sent from. Raises FlowClosed."""
        for live in self._sessions.present(browser.session_token, issuer.url):
            if (live.id, live.user.id) == (person.session_id, person.user_id):
                return live
        raise FlowClosed(detail="the session that connects it is over")


def _back(note: Note) -> Response:
    """Return to the page, which says it once: no link can make it say anything."""
    text = f"{note.text} {_('Reference:')} {note.reference}" if note.is_error else note.text
    flash(text, "error" if note.is_error else "message")
    return redirect(url_for("account.sign_ins"), code=303)
