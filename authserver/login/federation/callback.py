"""/login/federation/<connection id>/callback: a browser is back from a provider.

The state is used up first, whatever comes of the rest, and only by the browser that was sent, at
the connection that it was sent to (ATK-012, ATK-021). Then the provider is asked, outside of any
job; then one job decides, and begins what comes of it.
"""

from dataclasses import replace

from flask import redirect, request, session
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.wrappers import Response

from authserver.core.database.engine import Transaction
from authserver.federation.connectors.base import Answer, Callback, UpstreamDown, UpstreamRefused
from authserver.federation.entering import Attempt, FederatedSignIn, Outcome
from authserver.federation.policy import Decision
from authserver.federation.states import Returned
from authserver.federation.upstream import Upstream
from authserver.federation.values import Connection
from authserver.login.account.arrive import Entered
from authserver.login.entry import OFFERED, Entry
from authserver.login.federation import notes
from authserver.login.federation.connect import Connecting
from authserver.login.federation.departure import callback_url
from authserver.login.federation.notes import Reason
from authserver.login.federation.ways import Ways
from authserver.login.mfa.half import SecondHalf, Turn, fixed
from authserver.oauth.authorize.endpoint import current_browser
from authserver.oauth.authorize.pending import FlowClosed
from authserver.sessions.cookies import CookiePolicy
from authserver.core import web

# What a provider may say instead of a code (RFC 6749 section 4.1.2.1, OpenID Connect 3.1.2.6).
_SAID_NO = {"access_denied", "consent_required", "interaction_required", "login_required"}
_BUSY = {"temporarily_unavailable", "server_error"}
_MAX_SHOWN = 200  # characters of what a provider says, in the log


class CallbackPage:
    """Takes what a browser brings from a provider."""

    def __init__(
        self,
        half: SecondHalf,
        upstream: Upstream,
        sign_in: FederatedSignIn,
        *,
        ways: Ways,
        connecting: Connecting,
        cookies: CookiePolicy,
    ) -> None:
        """Take what ends sign-ins, what asks providers, and what decides about their answers."""
        self._half = half
        self._upstream = upstream
        self._sign_in = sign_in
        self._ways = ways
        self._connecting = connecting
        self._cookies = cookies

    def show(self, connection_id: str) -> Response:
        """Go on with what the browser was sent for. Raises FlowClosed where it was for nothing."""
        if request.method == "HEAD":  # Flask takes it for a GET, which uses the state up
            raise MethodNotAllowed(["GET"])
        browser, state = current_browser(self._cookies), request.args.get("state", "")
        returned = self._upstream.claim(state, connection_id, browser=browser.flow_token)
        connection = self._upstream.connection(connection_id)
        if returned is None or connection is None:
            raise FlowClosed(detail="no such state for this browser and connection")
        if returned.errand.person is not None:
            return self._connect(connection, returned)
        entry = self._half.entries.of(dict(returned.errand.place))
        if entry.hop.pending_id != returned.errand.hop:
            raise FlowClosed(detail="sent from another sign-in")
        if not self._ways.open_to(entry, connection):
            return self._stay(entry, connection, Reason.CLOSED, "switched off meanwhile")
        try:
            answer = self._answer(connection, returned)
        except Fruitless as fruitless:
            return self._stay(entry, connection, fruitless.reason, fruitless.detail)
        return self._go_on(entry, connection, answer)
