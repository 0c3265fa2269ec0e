"""From parameters to a checked request, or to the answer that says what is wrong with them.

They may stand elsewhere: in a request object, or where the client pushed them. Nothing of a request
is used before it is certain whose it is, and no answer goes where the client did not register.
"""

from dataclasses import dataclass, replace

from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.oauth.authorize.answer import ClientAnswer
from authserver.oauth.authorize.checks import checked
from authserver.oauth.authorize.incoming.hints import IdTokenHints
from authserver.oauth.authorize.objects.claims import ObjectRefused
from authserver.oauth.authorize.objects.reading import RequestObjects
from authserver.oauth.authorize.outgoing.answers import Answers, Destination
from authserver.oauth.authorize.request import (
    AuthorizationRequest,
    RawRequest,
    Sent,
    UnregisteredRedirectUri,
    identify,
    usable,
)
from authserver.oauth.client_auth.authenticate import find
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.oauth.par.pushed import PushedRequests, secret_of
from authserver.tenants.resolve import Issuer


@dataclass(frozen=True)
class Taken:
    """A request that passed every check, and whose it is."""

    client: RegisteredClient
    request: AuthorizationRequest


@dataclass(frozen=True)
class Elsewhere:
    """Where parameters may stand instead, and what they may name."""

    objects: RequestObjects
    pushed: PushedRequests
    hints: IdTokenHints


class IncomingRequests:
    """Takes new requests."""

    def __init__(
        self, clients: Snapshots[str, RegisteredClient], elsewhere: Elsewhere, answers: Answers
    ) -> None:
        """Take clients by id, what reads requests, and what says to clients that they are wrong."""
        self._clients = clients
        self._elsewhere = elsewhere
        self._answers = answers

    def client(self, issuer: Issuer, client_id: str) -> RegisteredClient | None:
        """Return the client if it is registered at this issuer."""
        return find(self._clients, issuer, client_id)

    def take(self, issuer: Issuer, form: Form) -> Taken | ClientAnswer:
        """Return the request, or what its client is told.

        Raises UnknownClient, UnregisteredRedirectUri, or the OAuthError of a request that names no
        registered redirect URI: then nothing is ever redirected.
        """
        client = usable(self.client(issuer, form.get("client_id") or ""))
        sent = Sent(issuer, client, form)
        try:
            asked = self._found(sent)
        except OAuthError as error:
            return self._unread(sent, error)
        raw = identify(sent._replace(parameters=asked))
        try:
            return Taken(client, self._checked(raw))
        except OAuthError as error:
            return self._answers.error(Destination.of_raw(raw), error)

    def left(self, sent: Sent) -> Sent:
        """Return what a client that has authenticated pushes. Raises what `take` answers."""
        if sent.parameters.get("request_uri") is not None:
            raise OAuthError("invalid_request", "a pushed request has no request_uri")
        asked = sent._replace(parameters=self._elsewhere.objects.resolve(sent))
        self._checked(identify(asked))
        return asked

    def _checked(self, raw: RawRequest) -> AuthorizationRequest:
        request, hint = checked(raw), raw.parameters.get("id_token_hint")
        if hint is None:
            return request
        subject = self._elsewhere.hints.subject(hint, raw.issuer, raw.client)
        return replace(request, subject=subject)

    def _found(self, sent: Sent) -> Form:
        """Return the parameters that count."""
        secret = secret_of(sent.parameters.get("request_uri"))
        if secret is not None:
            if sent.parameters.get("request") is not None:
                raise OAuthError("invalid_request", "request and request_uri exclude each other")
            return self._elsewhere.pushed.take(sent, secret)
        if sent.client.options.require_pushed_authorization_requests:
            raise OAuthError("invalid_request", "the client pushes its requests (RFC 9126)")
        return self._elsewhere.objects.resolve(sent)

    def _unread(self, sent: Sent, error: OAuthError) -> ClientAnswer:
        """Answer where the request's own words lead to a registered URI; else raise the error."""
        said = error.said if isinstance(error, ObjectRefused) else None
        for words in (said, sent.parameters):
            if words is None:
                continue
            try:
                raw = identify(sent._replace(parameters=words))
            except UnregisteredRedirectUri:
                continue
            return self._answers.error(Destination.of_raw(raw), error)
        raise error
