"""Clients are registered, get new secrets, are switched off and on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Protocol

from sqlalchemy import delete, select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients import registration
from authserver.clients.models import Client, ClientOrigin, ClientSecret
from authserver.clients.policy import ALL_TENANTS, AuthMethod, UnfitRegistration
from authserver.clients.registration import Checked, Registration
from authserver.clients.resources.offers import Offers
from authserver.clients.resources.policy import Wanted
from authserver.clients.secrets import Plan, Secrets
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import NotFound
from authserver.tenants.models import Tenant
from authserver.tenants.service import bump_snapshots, ids_of

RECORDED = (
    "name", "kind", "auth_method", "redirect_uris", "scopes", "audiences", "ip_allowlist", "rate",
    "quota_day", "quota_month", "pkce_required", "first_party", "serves", "options", "policy_uri",
    "tos_uri", "self_registered", "vouched_for",
)  # fmt: skip
_KEPT_READABLE = "The tenant does not allow client_secret_jwt: use private_key_jwt."


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
        self,
        trail: Trail,
        clock: Clock,
        *,
        keys: Keys,
        secrets: Secrets,
        offers: Offers,
    ) -> None:
        """Take where changes are recorded, the time, what makes keys, and what keeps secrets.

        `offers` knows what clients may register for.
        """
        self._trail = trail
        self._clock = clock
        self._keys = keys
        self.secrets = secrets
        self._offers = offers

    def register(
        self, transaction: Transaction, asked: Registration, *, actor: Actor
    ) -> tuple[Client, str | None]:
        """Register a client; return it with its secret, which is nowhere readable afterwards.

        An algorithm that its issuer has not signed with before gets its first key. A partner client
        without a rate gets the one of the tenant's tier: who may raise it may take it away.

        Raises UnfitRegistration, UnfitName, or NotFound for a tenant that does not exist.
        """
        checked = self.check(transaction, asked)
        values = asdict(checked) | {"options": checked.options.to_json()}
        if checked.serves != [ALL_TENANTS]:
            values["serves"] = ids_of(transaction, checked.serves)
        values["rate"] = checked.rate or self.usual_rate(transaction, asked.tenant_id, asked.kind)
        now = self._clock.now()
        client = Client(
            id=new_id("cli"), created_at=now, **values | {"auth_method": checked.auth_method.value}
        )
        client.security_epoch = client.version = 1
        session = transaction.tenant(asked.tenant_id)
        session.add(client)
        session.flush()
        self.adopt(transaction, client, checked, actor=actor)
        secret = None
        if checked.auth_method.has_secret:
            _, secret = self.secrets.add(transaction, client)
        after = {name: getattr(client, name) for name in RECORDED}
        self.changed(transaction, client, EventType.CLIENT_CREATED, actor=actor, after=after)
        return client, secret

    def rotate_secret(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        plan: Plan,
        actor: Actor,
    ) -> tuple[ClientSecret, str]:
        """Return a new secret with its row; of the others the newest works on as planned.

        Without an overlap every older secret ends, and what was obtained with them: tokens too.
        Raises NotFound, or UnfitRegistration for a client that has no secrets.
        """
        client = self.get(transaction, tenant_id, client_id, lock=True)
        if not AuthMethod(client.auth_method).has_secret:
            raise UnfitRegistration("This client does not authenticate with a secret.")
        now = self._clock.now()
        ending = now + plan.overlap if plan.overlap else None
        self.secrets.expire(self.secrets.live(transaction, client), newest_until=ending)
        client.version += 1
        client.security_epoch += 0 if ending else 1
        row, secret = self.secrets.add(transaction, client, life=plan.life)
        facts = {
            "secret": row.id,
            "previous_until": ending.isoformat() if ending else now.isoformat(),
            "expires_at": row.expires_at.isoformat() if row.expires_at else None,
        }
        self.changed(transaction, client, EventType.CLIENT_SECRET_ROTATED, actor=actor, after=facts)
        return row, secret

    def revoke_secret(
        self,
        transaction: Transaction,
        tenant_id: str,
        client_id: str,
        *,
        secret_id: str,
        actor: Actor,
    ) -> ClientSecret:
        """End one secret now, and what was obtained with it: tokens too. Idempotent.

        Raises NotFound.
        """
        client = self.get(transaction, tenant_id, client_id, lock=True)
        row = self.secrets.get(transaction, client, secret_id)
        if row.revoked_at is not None:
            return row
        row.revoked_at, row.sealed = self._clock.now(), None
        client.version += 1
        client.security_epoch += 1
        facts = {"secret": row.id}
        self.changed(transaction, client, EventType.CLIENT_SECRET_REVOKED, actor=actor, after=facts)
        return row

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
        self.changed(transaction, client, event, actor=actor)
        return client

    def get(
        self, transaction: Transaction, tenant_id: str, client_id: str, *, lock: bool = False
    ) -> Client:
        """Return a client of the tenant, locked for a change if asked. Raises NotFound."""
        session = transaction.tenant(tenant_id)
        client = session.get(Client, client_id, with_for_update=lock or None)
        if client is None or client.deleted_at is not None:
            raise NotFound("There is no such client.")
        return client

    def all_of(self, transaction: Transaction, tenant_id: str) -> list[Client]:
        """Return the tenant's clients, oldest first."""
        query = select(Client).where(Client.deleted_at.is_(None)).order_by(Client.id)
        return [*transaction.tenant(tenant_id).scalars(query)]

    def usual_rate(self, transaction: Transaction, tenant_id: str, kind: str) -> str | None:
        """Return the rate of a new client unless another is given. Raises LookupError."""
        tenant = transaction.tenant(tenant_id).get(Tenant, tenant_id)
        if tenant is None:
            raise LookupError(tenant_id)
        return self._offers.usual_rate(tenant, kind)

    def check(
        self, transaction: Transaction, asked: Registration, present: Client | None = None
    ) -> Checked:
        """Return what may be stored, for a new client or of one that is there.

        Raises UnfitRegistration, UnfitName, NotFound for a tenant.
        """
        tenant = transaction.tenant(asked.tenant_id).get(Tenant, asked.tenant_id)
        if tenant is None:
            raise NotFound("There is no such tenant.")
        checked = registration.check(
            asked,
            tenant_type=tenant.type,
            own_issuer=tenant.own_issuer,
            allow_http_loopback=self._offers.allow_http_loopback,
            missing=self._missing_of(tenant),
        )
        had = Wanted(tuple(present.audiences), tuple(present.scopes)) if present else Wanted()
        self._offers.check(
            transaction,
            tenant,
            present.id if present else None,
            wanted=Wanted(tuple(checked.audiences), tuple(checked.scopes)),
            before=had,
        )
        return checked

    def _missing_of(self, tenant: Tenant) -> Mapping[AuthMethod, str]:
        """Add what the tenant does not allow: a secret has to be kept readable for it."""
        if tenant.client_secret_jwt:
            return self._offers.missing
        return {AuthMethod.SECRET_JWT: _KEPT_READABLE, **self._offers.missing}

    def adopt(
        self, transaction: Transaction, client: Client, checked: Checked, *, actor: Actor
    ) -> None:
        """Let a client's origins and its issuer's keys follow what it registered."""
        session = transaction.tenant(client.tenant_id)
        session.execute(delete(ClientOrigin).where(ClientOrigin.client_id == client.id))
        session.add_all(
            ClientOrigin(client_id=client.id, origin=o) for o in registration.origins_of(checked)
        )
        issuer = client.tenant_id if client.at_tenant_issuer else None
        self._keys.ensure(transaction, issuer, actor, algorithms=sorted(checked.signing_algorithms))

    def changed(
        self,
        transaction: Transaction,
        client: Client,
        event: EventType,
        *,
        actor: Actor,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Record a change and tell the caches of every process."""
        transaction.tenant(client.tenant_id).flush()
        bump_snapshots(transaction)
        record = Event(
            event, client.tenant_id, actor, resource=client.id, before=before, after=after
        )
        self._trail.record(transaction, record)
