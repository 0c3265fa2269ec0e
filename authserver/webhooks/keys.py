"""The secrets of endpoints: kept encrypted, at most two that sign."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.webhooks.models import WebhookSecret
from authserver.webhooks.signing import new_secret


def give(
    transaction: Transaction, tenant_id: str, endpoint_id: str, *, keyring: Keyring, now: datetime
) -> str:
    """Make a secret that signs from now on, and return it: it is shown once."""
    secret_id, secret = new_id("whs"), new_secret()
    row = WebhookSecret(
        id=secret_id,
        endpoint_id=endpoint_id,
        sealed=keyring.encrypt(secret.encode(), _place(secret_id)),
        created_at=now,
    )
    transaction.tenant(tenant_id).add(row)
    transaction.tenant(tenant_id).flush()
    return secret


def overlap(
    transaction: Transaction, tenant_id: str, endpoint_id: str, *, until: datetime | None
) -> None:
    """Let the present secret sign until then, or not at all any more; drop those before it."""
    session = transaction.tenant(tenant_id)
    ending = WebhookSecret.expires_at.is_not(None) if until else WebhookSecret.id.is_not(None)
    gone = delete(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id, ending)
    session.execute(gone.execution_options(synchronize_session=False))
    left = update(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id)
    session.execute(left.values(expires_at=until).execution_options(synchronize_session=False))


def live(
    transaction: Transaction, tenant_id: str, endpoint_id: str, *, keyring: Keyring, now: datetime
) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    alive = or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > now)
    wanted = select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id, alive)
    rows = transaction.tenant(tenant_id).scalars(wanted.order_by(WebhookSecret.id.desc()))
    return [keyring.decrypt(row.sealed, _place(row.id)).decode() for row in rows]


def _place(secret_id: str) -> Place:
    return Place("webhook_secrets", "sealed", secret_id)
