"""What owners are told of their keys: a person of their own, administrators of a service's."""

from collections.abc import Iterable

from sqlalchemy import select

from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.models import User
from authserver.accounts.notices import to_person
from authserver.api_keys.models import ApiKey
from authserver.audit.events import Actor
from authserver.audit.whence import whence, written
from authserver.clients.models import Client
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.delivery.outbox import enqueue
from authserver.roles.lookup import holds_now
from authserver.roles.models import RoleAssignment
from authserver.roles.policy import ADMINISTRATORS
from authserver.tenants.models import Tenant
from authserver.tenants.resolve import tenant_issuer

_MOST_TOLD = 20  # administrators of one tenant


class Notices:
    """Puts mails into the outbox, in the transaction of what they tell of."""

    def __init__(self, keyring: Keyring, clock: Clock, *, platform_url: str) -> None:
        """Take what encrypts mails, the time, and where people go who have no own issuer."""
        self._keyring = keyring
        self._clock = clock
        self._platform_url = platform_url

    def created(self, transaction: Transaction, row: ApiKey, actor: Actor) -> None:
        """Tell of a new key: whoever got in could make one to stay."""
        values = whence(actor, self._clock.now())
        self._tell(transaction, row, template="api_key_created", values=values)

    def revoked(self, transaction: Transaction, row: ApiKey) -> None:
        """Tell that somebody else ended a key."""
        values = {"time": written(self._clock.now())}
        self._tell(transaction, row, template="api_key_revoked", values=values)

    def expiring(self, transaction: Transaction, row: ApiKey) -> None:
        """Tell that a key will end."""
        if row.expires_at is not None:
            values = {"until": written(row.expires_at)}
            self._tell(transaction, row, template="api_key_expiring", values=values)

    def _tell(
        self, transaction: Transaction, row: ApiKey, *, template: str, values: dict[str, str]
    ) -> None:
        about = {
            "key": row.name,
            "hint": row.hint,
            "service": self._service(transaction, row),
            "keys_url": self._url(transaction, row),
        }
        for user in self._told(transaction, row):
            message = to_person(user, template, {**about, **values})
            enqueue(transaction, message, keyring=self._keyring, now=self._clock.now())

    def _told(self, transaction: Transaction, row: ApiKey) -> Iterable[UserSnapshot]:
        session = transaction.tenant(row.tenant_id)
        if row.user_id is not None:
            query = select(User).where(User.id == row.user_id)
        else:
            query = (
                select(User)
                .join(RoleAssignment, RoleAssignment.user_id == User.id)
                .where(
                    RoleAssignment.role.in_(ADMINISTRATORS),
                    holds_now(self._clock.now()),
                    User.disabled_at.is_(None),
                )
                .order_by(User.id)
                .distinct()
                .limit(_MOST_TOLD)
            )
        return [snapshot(user) for user in session.scalars(query)]

    def _service(self, transaction: Transaction, row: ApiKey) -> str:
        if row.client_id is None:
            return ""
        client = transaction.tenant(row.tenant_id).get(Client, row.client_id)
        return client.name if client else ""

    def _url(self, transaction: Transaction, row: ApiKey) -> str:
        """Return where a person sees their keys; empty for a service's."""
        tenant = transaction.tenant(row.tenant_id).get(Tenant, row.tenant_id)
        if tenant is None or row.user_id is None:
            return ""
        own = tenant_issuer(self._platform_url, tenant.slug, tenant.issuer_host)
        return f"{own if tenant.own_issuer else self._platform_url}/account/api-keys"
