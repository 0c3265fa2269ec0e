"""Clients register, read what is registered, change it and leave (RFC 7591, RFC 7592).

A registration access token is of one client; with each change there is a new one. Changes write in
a transaction of their own: what they look up elsewhere is looked up before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from authserver.audit.events import Actor, ActorKind, EventType
from authserver.clients import statements
from authserver.clients.amending import Amendments
from authserver.clients.logos.service import Logos
from authserver.clients.metadata.document import document_of, registration_of
from authserver.clients.models import Client
from authserver.clients.policy import UnfitRegistration
from authserver.clients.registering.lookups import Lookups
from authserver.clients.registering.models import SelfRegistration
from authserver.clients.registering.policy import UNUSED_FOR, Admission, NotAdmitted
from authserver.clients.registering.statement import with_statement
from authserver.clients.registering.tokens import InitialTokens
from authserver.clients.registration import Registration
from authserver.clients.secrets import SECRET_PURPOSE
from authserver.clients.service import ClientService
from authserver.core.clock import Clock, epoch
from authserver.core.crypto import same
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import fingerprint, new_id, new_secret

PURPOSE = "registration_access_token"
_BATCH = 100
Members = Mapping[str, Any]


@dataclass(frozen=True)
class Registered:
    """What a client is answered. `token` and `secret` are nowhere readable afterwards."""

    document: Mapping[str, object]
    token: str
    secret: str | None = None


@dataclass(frozen=True)
class Own:
    """A registration access token that was found: of which client, admitted by what."""

    client_id: str
    admission: Admission
    token: str


@dataclass(frozen=True)
class Outside:
    """What reads what a registration names."""

    lookups: Lookups
    logos: Logos


class SelfRegistrations:
    """What clients do about their own registrations."""

    def __init__(
        self,
        database: Database,
        clients: ClientService,
        amendments: Amendments,
        *,
        tokens: InitialTokens,
        outside: Outside,
        clock: Clock,
    ) -> None:
        """Take what registers, and what looks at the documents that a registration names."""
        self._database = database
        self._clients = clients
        self._amendments = amendments
        self._tokens = tokens
        self._outside = outside
        self._clock = clock

    def admit(self, token: str, issuer_tenant_id: str | None) -> Admission:
        """Return what an initial access token lets register at an issuer. Raises NotAdmitted."""
        with self._database.read() as view:
            admission = self._tokens.find(view, token)
        admission.check_issuer(issuer_tenant_id)
        admission.check_new(self._clock.now())
        return admission

    def register(
        self, admission: Admission, members: Members, *, at_tenant_issuer: bool, actor: Actor
    ) -> Registered:
        """Register a client. Raises NotAdmitted, UnfitRegistration, UnfitName."""
        told = with_statement(members, admission, self._clock.now())
        asked = registration_of(told, admission.granting(at_tenant_issuer=at_tenant_issuer))
        self._check(asked)
        token = f"rat_{new_secret()}"

        def job(transaction: Transaction) -> Registered:
            self._tokens.use(transaction, admission)
            client, secret = self._clients.register(transaction, asked, actor=actor)
            row = SelfRegistration(
                client_id=client.id,
                initial_token_id=admission.token_id,
                token_hash=fingerprint(token, PURPOSE),
                used_at=self._clock.now(),
            )
            transaction.tenant(client.tenant_id).add(row)
            return _registered(client, token, secret)

        return self._with_logo(self._database.write(job), asked.tenant_id, actor)

    def find(self, token: str, issuer_tenant_id: str | None, client_id: str) -> Own:
        """Return whose registration a token is. Raises NotAdmitted for another client's."""
        wanted = {"token_hash": fingerprint(token, PURPOSE)}
        with self._database.read() as view:
            row = view.row(statements.FIND_REGISTRATION, wanted)
        if row is None or row["client_id"] != client_id:
            raise NotAdmitted(detail="unknown registration access token, or another client's")
        admission = Admission.of(row)
        admission.check_issuer(issuer_tenant_id)
        return Own(client_id, admission, token)

    def read(self, own: Own, issuer_tenant_id: str | None) -> Registered:
        """Return what is registered (RFC 7592 section 2.1). Raises NotFound."""
        with self._database.read() as view:
            client = self._client(view, own, issuer_tenant_id)
            return _registered(client, own.token, None)

    def update(
        self, own: Own, members: Members, issuer_tenant_id: str | None, *, actor: Actor
    ) -> Registered:
        """Replace what is registered (RFC 7592 section 2.2) and renew the token.

        Of two at once with the same token one wins. Raises NotAdmitted, UnfitRegistration,
        UnfitName, NotFound.
        """
        told = with_statement(members, own.admission, self._clock.now())
        with self._database.read() as view:
            client = self._client(view, own, issuer_tenant_id)
            self._check_secret(view, client, told)
            granting = own.admission.granting(
                at_tenant_issuer=client.at_tenant_issuer, more=tuple(client.scopes)
            )
        asked = registration_of(told, granting)
        self._check(asked)
        token = f"rat_{new_secret()}"
        known = fingerprint(own.token, PURPOSE)

        def job(transaction: Transaction) -> Registered:
            # Held until the end: of two changes with one token, the second finds another one.
            session = transaction.tenant(asked.tenant_id)
            row = session.get(SelfRegistration, own.client_id, with_for_update=True)
            if row is None or row.token_hash != known:
                raise NotAdmitted(detail="the token was used for another change meanwhile")
            client, secret = self._amendments.replace(
                transaction, own.client_id, asked, actor=actor
            )
            row.token_hash = fingerprint(token, PURPOSE)
            return _registered(client, token, secret)

        return self._with_logo(self._database.write(job), asked.tenant_id, actor)

    def unregister(self, own: Own, issuer_tenant_id: str | None, *, actor: Actor) -> None:
        """End the client, its secrets and its tokens (RFC 7592 section 2.3)."""

        def job(transaction: Transaction) -> None:
            self._client(transaction, own, issuer_tenant_id)
            tenant_id = own.admission.tenant.id
            if self._forget(transaction, tenant_id, own.client_id):
                self._amendments.delete(
                    transaction, tenant_id, own.client_id, reason="unregistered", actor=actor
                )

        self._database.write(job)

    def renew_token(
        self, transaction: Transaction, tenant_id: str, client_id: str, *, actor: Actor
    ) -> str | None:
        """Give a client another registration access token; None where it registered otherwise."""
        session = transaction.tenant(tenant_id)
        row = session.get(SelfRegistration, client_id, with_for_update=True)
        if row is None:
            return None
        token = f"rat_{new_secret()}"
        row.token_hash = fingerprint(token, PURPOSE)
        client = self._clients.get(transaction, tenant_id, client_id)
        self._clients.changed(
            transaction, client, EventType.REGISTRATION_TOKEN_RENEWED, actor=actor
        )
        return token

    def prune(self) -> list[str]:
        """End the clients that nobody has used for long; return their ids.

        A named platform service: unused is unused in every tenant.
        """
        before, gone = self._clock.now() - UNUSED_FOR, []
        unused = select(SelfRegistration.tenant_id, SelfRegistration.client_id).where(
            SelfRegistration.used_at < before
        )
        with self._database.read() as view:
            found = view.platform().execute(unused.limit(_BATCH)).all()
        for tenant_id, client_id in found:

            def job(transaction: Transaction, of: str = tenant_id, which: str = client_id) -> bool:
                return self._prune(transaction, of, which)

            gone += [client_id] if self._database.write(job) else []
        return gone

    def _prune(self, transaction: Transaction, tenant_id: str, client_id: str) -> bool:
        """End one client, unless it was used meanwhile."""
        before = self._clock.now() - UNUSED_FOR
        still = self._forget(transaction, tenant_id, client_id, SelfRegistration.used_at < before)
        if still:
            actor = Actor(ActorKind.SERVER, tenant_id, new_id("req"))
            self._amendments.delete(transaction, tenant_id, client_id, reason="unused", actor=actor)
        return still

    def _forget(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *only_if: Any,  # noqa: ANN401
    ) -> bool:
        gone: Any = transaction.tenant(tenant_id).execute(
            delete(SelfRegistration).where(SelfRegistration.client_id == client_id, *only_if)
        )
        return bool(gone.rowcount)

    def _with_logo(self, registered: Registered, tenant_id: str, actor: Actor) -> Registered:
        client_id = str(registered.document["client_id"])
        self._outside.logos.follow(tenant_id, client_id, actor=actor)
        return registered

    def _check(self, asked: Registration) -> None:
        """Refuse what does not fit before anything is looked up, let alone stored."""
        with self._database.read() as view:
            self._clients.check(view, asked)
        self._outside.lookups.check(asked)

    def _check_secret(self, view: Transaction, client: Client, members: Members) -> None:
        """Refuse a secret that is not the client's: it is not chosen (RFC 7592 section 2.2)."""
        told = members.get("client_secret")
        if told is None:
            return
        presented = fingerprint(str(told), SECRET_PURPOSE)
        live = self._clients.secrets.live(view, client)
        matches = [same(one.secret_hash, presented) for one in live]
        if not any(matches):
            raise UnfitRegistration("'client_secret' is not the client's present one.")

    def _client(self, view: Transaction, own: Own, issuer_tenant_id: str | None) -> Client:
        """Return the client at its one issuer. Raises NotFound, NotAdmitted."""
        client = self._clients.get(view, own.admission.tenant.id, own.client_id)
        if client.disabled_at is not None:
            raise NotAdmitted(detail="the client is disabled")
        if (client.tenant_id if client.at_tenant_issuer else None) != issuer_tenant_id:
            raise NotAdmitted(detail="the client is of another issuer")
        return client


def _registered(client: Client, token: str, secret: str | None) -> Registered:
    document = document_of(client) | {"client_id_issued_at": epoch(client.created_at)}
    if secret is not None:
        document |= {"client_secret": secret, "client_secret_expires_at": 0}
    return Registered(document, token, secret)
