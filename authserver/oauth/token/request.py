"""A token request whose client is known."""

from datetime import datetime
from typing import NamedTuple

from authserver.audit.events import Actor, ActorKind
from authserver.clients.registered import RegisteredClient
from authserver.core.limits.buckets import Verdict
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.tenants.resolve import Issuer
from authserver.tokens.authorization import Confirmation


class TokenRequest(NamedTuple):
    """What checks and grants see. `rate` is the verdict of the client's bucket, if it has one.

    `bound_to` is the key that the request shows, to which its tokens are bound.
    """

    issuer: Issuer
    client: RegisteredClient
    form: Form
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    rate: Verdict | None
    now: datetime
    http: MachineRequest
    bound_to: Confirmation | None = None

    @property
    def grant_type(self) -> str:
        """Return the grant asked for."""
        return self.form.need("grant_type")

    @property
    def address(self) -> str:
        """Return the caller's address."""
        return self.http.address

    def actor(self) -> Actor:
        """Return the client as the one who acts."""
        return self.http.actor(ActorKind.CLIENT, self.client.id)
