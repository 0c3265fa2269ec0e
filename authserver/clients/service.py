"""Clients are registered, get new secrets, are switched off and on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import or_, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients import registration
from authserver.clients.models import Client, ClientOrigin, ClientSecret
from authserver.clients.policy import ALL_TENANTS, AuthMethod, UnfitRegistration, check_link
from authserver.clients.registration import Registration
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant
from authserver.tenants.service import bump_snapshots, ids_of

SECRET_PURPOSE = "client_secret"  # noqa: S105  a name
_RECORDED = ("name", "kind", "auth_method", "redirect_uris", "scopes", "audiences")
_LINKS = ("policy_uri", "tos_uri")
_RECORDED_TOO = (
    "ip_allowlist", "rate", "pkce_required", "first_party", "serves", "options", *_LINKS,
)  # fmt: skip


class Keys(Protocol):
    """The signing keys of issuers, which this package does not know."""

    def ensure(
        self,
        transaction: Transaction,
        issuer_tenant_id: str | None,
        actor: Actor,
        *,
        algorithms: Iterable[str],
    ) -> object:
        """Let the issuer (None: the platform's) have a key that signs now for each algorithm."""


class ClientService:
    """Changes of clients. Afterwards the caller tells the caches: `watch.changed()`."""

    def __init__(
        self, trail: Trail, clock: Clock, *, keys: Keys, allow_http_loopback: bool = False
    ) -> None:
        """Take where changes are recorded, the time and what makes keys.

        http on loopback is for development.
        """
        self._trail = trail
        self._clock = clock
        self._keys = keys
        self._allow_http_loopback = allow_http_loopback

    def register(
        self, transaction: Transaction, asked: Registration, *, actor: Actor
    ) -> tuple[Client, str | None]:
        """Register a client; return it with its secret, which is nowhere readable afterwards.

        An algorithm that its issuer has not signed with before gets its first key.

        Raises UnfitRegistration, UnfitName, or NotFound for a tenant that does not exist.
        """
        session = transaction.tenant(asked.tenant_id)
        tenant = session.get(Tenant, asked.tenant_id)
        if tenant is None:
            raise NotFound("There is no such tenant.")
        checked = registration.check(
            asked,
            tenant_type=tenant.type,
            own_issuer=tenant.own_issuer,
            allow_http_loopback=self._allow_http_loopback,
            secret_jwt=tenant.client_secret_jwt,
        )
        values = asdict(checked) | {"options": checked.options.to_json()}
        if checked.serves != [ALL_TENANTS]:
            values["serves"] = ids_of(transaction, checked.serves)
        now = self._clock.now()
        client = Client(
            id=new_id("cli"), created_at=now, **values | {"auth_method": checked.auth_method.value}
        )
        client.security_epoch = client.version = 1
        session.add(client)
        session.flush()
        session.add_all(
            ClientOrigin(client_id=client.id, origin=o) for o in registration.origins_of(checked)
        )
        issuer = client.tenant_id if client.at_tenant_issuer else None
        self._keys.ensure(transaction, issuer, actor, algorithms=sorted(checked.signing_algorithms))
        secret = self._add_secret(transaction, client) if checked.auth_method.has_secret else None
        after = {name: getattr(client, name) for name in (*_RECORDED, *_RECORDED_TOO)}
        self._changed(transaction, client, EventType.CLIENT_CREATED, actor=actor, after=after)
        return client, secret

    def rotate_secret(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        overlap: timedelta | None,
        actor: Actor,
    ) -> str:
        """Return a new secret; the newest one before it works for `overlap`, all others end now.

        Without an overlap every older secret ends, and what was obtained with them: tokens too.
        Raises NotFound, or UnfitRegistration for a client that has no secrets.
        """
        client = self.get(transaction, tenant_id, client_id, lock=True)
        if not AuthMethod(client.auth_method).has_secret:
            raise UnfitRegistration("This client does not authenticate with a secret.")
        now = self._clock.now()
        live = self._live_secrets(transaction, client, now)
        ending = now + overlap if overlap else None
        for age, secret in enumerate(live):
            if ending and age == 0:
                secret.expires_at = ending
            else:
                secret.revoked_at = now
        client.version += 1
        client.security_epoch += 0 if ending else 1
        new = self._add_secret(transaction, client)
        facts = {"previous_until": ending.isoformat() if ending else now.isoformat()}
        self._changed(
            transaction, client, EventType.CLIENT_SECRET_ROTATED, actor=actor, after=facts
        )
        return new

    def set_links(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        links: Mapping[str, str | None],
        actor: Actor,
    ) -> Client:
        """Change where a client's policy and terms are, by the column's name; None takes one away.

        Idempotent. Raises NotFound, UnfitRegistration.
        """
        client = self.get(transaction, tenant_id, client_id, lock=True)
        wanted = {name: check_link(links[name]) for name in _LINKS if name in links}
        before = {name: getattr(client, name) for name in wanted}
        after = {name: value for name, value in wanted.items() if value != before[name]}
        if after:
            for name, value in after.items():
                setattr(client, name, value)
            client.version += 1
            before = {name: before[name] for name in after}
            event = EventType.CLIENT_CHANGED
            self._changed(transaction, client, event, actor=actor, before=before, after=after)
        return client

    def set_enabled(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        enabled: bool,
        actor: Actor,
    ) -> Client:
        """Switch a client off, which ends its tokens, or on again. Idempotent."""
        client = self.get(transaction, tenant_id, client_id, lock=True)
        if enabled == (client.disabled_at is None):
            return client
        client.disabled_at = None if enabled else self._clock.now()
        client.security_epoch += 0 if enabled else 1
        client.version += 1
        event = EventType.CLIENT_ENABLED if enabled else EventType.CLIENT_DISABLED
        self._changed(transaction, client, event, actor=actor)
        return client

    def get(
        self, transaction: Transaction, tenant_id: str, client_id: str, *, lock: bool = False
    ) -> Client:
        """Return a client of the tenant, locked for a change if asked. Raises NotFound."""
        session = transaction.tenant(tenant_id)
        client = session.get(Client, client_id, with_for_update=lock or None)
        if client is None:
            raise NotFound("There is no such client.")
        return client

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Client]:
        """Return the tenant's clients, oldest first."""
        return [*transaction.tenant(tenant_id).scalars(select(Client).order_by(Client.id))]

    def _live_secrets(
        self, transaction: Transaction, client: Client, now: datetime
    ) -> list[ClientSecret]:
        """Return the secrets that work now, newest first."""
        alive = or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now)
        query = (
            select(ClientSecret)
            .where(ClientSecret.client_id == client.id, ClientSecret.revoked_at.is_(None), alive)
            .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        )
        return [*transaction.tenant(client.tenant_id).scalars(query)]

    def _add_secret(self, transaction: Transaction, client: Client) -> str:
        secret = f"cs_{new_secret()}"
        row = ClientSecret(
            id=new_id("sec"),
            client_id=client.id,
            secret_hash=fingerprint(secret, SECRET_PURPOSE),
            created_at=self._clock.now(),
        )
        transaction.tenant(client.tenant_id).add(row)
        return secret

    def _changed(
        self,
        transaction: Transaction,
        client: Client,
        event: EventType,
        *,
        actor: Actor,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        transaction.tenant(client.tenant_id).flush()
        bump_snapshots(transaction)
        record = Event(
            event, client.tenant_id, actor, resource=client.id, before=before, after=after
        )
        self._trail.record(transaction, record)
