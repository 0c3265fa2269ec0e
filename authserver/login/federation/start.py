"""/login/federation/<connection id>: somebody goes to a provider."""

from flask import redirect, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from authserver.core.problems import NotFound
from authserver.federation.connectors.base import UpstreamDown
from authserver.federation.journeys import Journeys
from authserver.federation.values import Connection
from authserver.login.entry import Entries, Entry
from authserver.login.federation import notes
from authserver.login.federation.departure import Departure
from authserver.login.federation.notes import Reason
from authserver.login.federation.ways import Ways


class StartPage:
    """Leads to a provider: by a button of the sign-in page, or by what the client asked for."""

    def __init__(
        self, entries: Entries, ways: Ways, *, departure: Departure, journeys: Journeys
    ) -> None:
        """Take what knows the entries, and the ways from them."""
        self._entries = entries
        self._ways = ways
        self._departure = departure
        self._journeys = journeys

    def show(self, connection_id: str) -> Response:
        """Go where the client's own request leads, and nowhere else: a link alone sends nobody."""
        if request.method == "HEAD":
            raise MethodNotAllowed(["GET", "POST"])
        entry = self._entries.load()
        hinted = self._ways.hinted(entry)
        if hinted is None or hinted.id != connection_id:
            return redirect(entry.url("login.password"), code=303)
        return self._leave(entry, hinted)

    def submit(self, connection_id: str) -> Response:
        """Go where a button leads. Raises NotFound for a connection that is none of the entry's."""
        entry = self._entries.load()
        connection = self._journeys.find(connection_id)
        if connection is None or not self._ways.concerns(entry, connection):
            raise NotFound(detail="no such connection here")
        if not self._ways.open_to(entry, connection):
            notes.record(Reason.CLOSED, connection_id, detail="at the start")
            notes.leave(Reason.CLOSED, connection)
            return redirect(entry.url("login.password"), code=303)
        return self._leave(entry, connection)

    def _leave(self, entry: Entry, connection: Connection) -> Response:
        try:
            return self._departure.leave(entry, connection)
        except UpstreamDown as down:
            notes.record(notes.reason_of(down), connection.id, detail=str(down))
            notes.leave(notes.reason_of(down), connection)
            return redirect(entry.url("login.password"), code=303)
