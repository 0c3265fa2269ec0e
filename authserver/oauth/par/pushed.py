"""Requests that were pushed: left by their client, taken by it once, within a minute.

What is kept are the parameters, to be checked again when they are used: the client may have been
changed meanwhile (RFC 9126 section 7.3).
"""

from datetime import timedelta

from sqlalchemy import delete

from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import fingerprint, new_secret
from authserver.oauth.authorize.request import Sent
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.oauth.models import PushedRequest

PREFIX = "urn:ietf:params:oauth:request_uri:"
PURPOSE = "pushed_request"
# What proved the client, or led elsewhere: no part of the request.
_NOT_KEPT = frozenset({"client_secret", "client_assertion", "client_assertion_type", "request"})


def secret_of(request_uri: str | None) -> str | None:
    """Return the secret in a request_uri, None if it is none of ours."""
    name, colon, secret = (request_uri or "").rpartition(":")
    return secret if name + colon == PREFIX else None


class PushedRequests:
    """Keeps them."""

    def __init__(self, database: Database, clock: Clock, *, life: timedelta) -> None:
        """Take where they are kept, and for how long."""
        self._database = database
        self._clock = clock
        self.life = life

    def keep(self, transaction: Transaction, sent: Sent) -> str:
        """Store a request; return the request_uri that stands for it."""
        secret, now, asked = new_secret(), self._clock.now(), sent.parameters
        kept = {name: values for name, values in asked.values.items() if name not in _NOT_KEPT}
        row = PushedRequest(
            handle_hash=fingerprint(secret, PURPOSE),
            client_id=sent.client.id,
            issuer=sent.issuer.url,
            parameters=kept,
            created_at=now,
            expires_at=now + self.life,
        )
        transaction.tenant(sent.client.tenant.id).add(row)
        return f"{PREFIX}{secret}"

    def take(self, sent: Sent, secret: str) -> Form:
        """Return the request that a secret stands for, and forget it. Raises OAuthError.

        Who is not its client leaves it as it is.
        """
        client, now = sent.client, self._clock.now()
        taken = (
            delete(PushedRequest)
            .where(
                PushedRequest.handle_hash == fingerprint(secret, PURPOSE),
                PushedRequest.client_id == client.id,
                PushedRequest.issuer == sent.issuer.url,
                PushedRequest.expires_at > now,
            )
            .returning(PushedRequest.parameters)
        )
        found = self._database.write(
            lambda transaction: transaction.tenant(client.tenant.id).scalars(taken).one_or_none()
        )
        if found is None:
            raise OAuthError(
                "invalid_request_uri", "the request_uri is unknown, was used, or is over"
            )
        return Form(found)
