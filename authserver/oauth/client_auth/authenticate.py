"""The one way through the methods: read, find the client, compare the method, verify."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from authserver.audit.events import ActorKind, Event, EventType
from authserver.audit.service import Trail
from authserver.clients import statements
from authserver.clients.registered import RegisteredClient
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.core.ids import is_id
from authserver.core.web import CLIENT_CERTIFICATE
from authserver.oauth.client_auth import client_secret_jwt, private_key_jwt, secret
from authserver.oauth.client_auth.assertions import Assertions
from authserver.oauth.client_auth.credentials import Credentials, read, refuse
from authserver.oauth.client_auth.guard import WrongProofs
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.mtls import methods
from authserver.oauth.mtls.methods import CertificateAuthentication
from authserver.tenants.resolve import Issuer

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
BY_ASSERTION = (private_key_jwt.METHOD, client_secret_jwt.METHOD)
_DAY = timedelta(days=1)
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Proving:
    """What verifies what clients bring, and what counts the wrong of it."""

    assertions: Assertions
    certificates: CertificateAuthentication
    guard: WrongProofs


class ClientAuthentication:
    """Authenticates the client of a request."""

    def __init__(
        self,
        clients: Snapshots[str, RegisteredClient],
        database: Database,
        *,
        trail: Trail,
        clock: Clock,
        proving: Proving,
    ) -> None:
        """Take where clients and failures are kept, and what verifies and counts."""
        self._clients = clients
        self._database = database
        self._trail = trail
        self._clock = clock
        self._assertions = proving.assertions
        self._guard = proving.guard
        self._certificates = proving.certificates
        self._noted: dict[str, datetime] = {}

    def prepare(self, request: MachineRequest, form: Form) -> None:
        """Read the keys that a client publishes, if its proof will need them.

        Before `authenticate`, where nobody else waits for the network; it refuses nothing.
        """
        if form.get("client_assertion") is None and CLIENT_CERTIFICATE not in request.environ:
            return
        try:
            credentials = read(request, form)
        except OAuthError:
            return
        client = find(self._clients, request.issuer, credentials.client_id)
        if client is None or not client.usable:
            return
        if client.auth_method == credentials.method:
            self._assertions.prepare(client, credentials)
        elif _by_certificate(client, credentials):
            self._certificates.prepare(request, client)

    def presumed(self, request: MachineRequest, form: Form) -> RegisteredClient | None:
        """Return who a request says it is of. Nothing proves it: good for getting ready only."""
        try:
            credentials = read(request, form)
        except OAuthError:
            return None
        return find(self._clients, request.issuer, credentials.client_id)

    async def authenticate(self, request: MachineRequest, form: Form) -> RegisteredClient:
        """Return the client, or raise invalid_client. Public clients pass without a proof."""
        credentials = read(request, form)
        basic = credentials.method == "client_secret_basic"
        client = find(self._clients, request.issuer, credentials.client_id)
        if client is None:
            self._guard.count(request.address, credentials.client_id)
            raise refuse("unknown client, or not at this issuer", basic=basic)
        try:
            await self._verify(request, client, credentials)
        except OAuthError as error:
            self._guard.count(request.address, client.id, of_tenant=client.tenant.id)
            await self._record(request, client, error)
            raise
        if client.self_registered:
            await self._note_use(client)
        return client

    def issued_to(self, request: MachineRequest, client_id: str) -> RegisteredClient | None:
        """Return the client that a token of this issuer names."""
        return find(self._clients, request.issuer, client_id)

    def confirm(
        self, request: MachineRequest, form: Form, client: RegisteredClient
    ) -> RegisteredClient:
        """Return the client as it is now, after a statement met a newer version of its row.

        An assertion was used up by the first verification; a secret is compared again.
        """
        renewed = self._clients.renew(client.id)
        if renewed is None:
            raise refuse("the client is gone")
        self._check_method(request, renewed, read(request, form))
        return renewed

    async def _verify(
        self, request: MachineRequest, client: RegisteredClient, credentials: Credentials
    ) -> None:
        self._check_method(request, client, credentials)
        if credentials.method in BY_ASSERTION:
            await self._assertions.verify(request.issuer, client, credentials)

    def _check_method(
        self, request: MachineRequest, client: RegisteredClient, credentials: Credentials
    ) -> None:
        basic = credentials.method == "client_secret_basic"
        if not client.usable:
            raise refuse("client or tenant is disabled", basic=basic)
        if _by_certificate(client, credentials):
            self._certificates.verify(request, client)
        elif credentials.method != client.auth_method:
            raise refuse(f"method {credentials.method} is not registered", basic=basic)
        if credentials.method in secret.METHODS:
            secret.verify(client, credentials, self._clock.now())

    async def _note_use(self, client: RegisteredClient) -> None:
        """Note once a day that a client that registered itself is used: else it is pruned."""
        now = self._clock.now()
        if now - self._noted.get(client.id, now - _DAY) < _DAY:
            return
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[client.id] = now
        values = {"of_client": client.id, "before": now - _DAY, "now": now}
        await self._database.stored(
            lambda transaction: transaction.change(statements.NOTE_USE, values)
        )

    async def _record(
        self, request: MachineRequest, client: RegisteredClient, error: OAuthError
    ) -> None:
        event = Event(
            EventType.CLIENT_AUTHENTICATION_FAILED,
            client.tenant.id,
            request.actor(ActorKind.ANONYMOUS, client.id),
            resource=f"client:{client.id}",
            facts={"reason": error.detail},
        )
        await self._database.stored(lambda transaction: self._trail.record(transaction, event))


def _by_certificate(client: RegisteredClient, credentials: Credentials) -> bool:
    """Tell whether the client named itself only, and is to be proved by its certificate."""
    return credentials.method == "none" and client.auth_method in methods.METHODS


def find(
    clients: Snapshots[str, RegisteredClient], issuer: Issuer, client_id: str
) -> RegisteredClient | None:
    """Return the client if it is registered at this issuer: a client is usable at one issuer."""
    # Whatever else came in its place never reaches the database, nor a place in the cache.
    client = clients.get(client_id) if is_id(client_id, "cli") else None
    if client is None:
        return None
    at = client.tenant.id if client.at_tenant_issuer else None
    return client if at == issuer.tenant_id else None
