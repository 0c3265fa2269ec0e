"""Sending a browser to a provider.

By a page that goes on by itself, never by a redirect: Chromium holds every redirect that follows a
form to the form's own policy (form-action), and nobody can say over which hosts a provider leads.
"""

from werkzeug.wrappers import Response

from authserver.federation.connections import redirect_uri
from authserver.federation.journeys import Journeys, Wish
from authserver.federation.states import Errand
from authserver.federation.values import Connection
from authserver.login.entry import Entry
from authserver.login.federation.ways import remember_sent
from authserver.oauth.authorize.endpoint import bind


class Departure:
    """Leaves an entry for a provider."""

    def __init__(self, journeys: Journeys) -> None:
        """Take what knows the way."""
        self._journeys = journeys

    def leave(self, entry: Entry, connection: Connection, *, login_hint: str = "") -> Response:
        """Return the page that leads to the provider. Raises UpstreamDown."""
        bind(entry.browser)  # the answer must come back with the browser that was sent
        remember_sent(entry)  # whatever comes of it: it is not sent by itself a second time
        errand = Errand(connection.id, entry.place, entry.hop.pending_id, anew=entry.proves_anew)
        asked = entry.situation.request if entry.situation else None
        wish = Wish(
            redirect_uri(entry.issuer.url, connection.id),
            login_hint=login_hint or entry.email or None,
            ui_locales=asked.ui_locales if asked else (),
        )
        url = self._journeys.leave(connection, errand, wish, browser=entry.browser.flow_token)
        return entry.page("login/federation/away.html", url=url, provider=connection.label)
