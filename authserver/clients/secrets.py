"""The secrets of clients: made, ended, and those of client_secret_jwt kept readable.

Only a hash is kept of what a client sends us. Of what it signs with (client_secret_jwt) the secret
itself is needed, encrypted under the master key; a tenant has to allow that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from authserver.clients.models import Client, ClientSecret
from authserver.clients.policy import AuthMethod
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring, Place
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import NotFound

SECRET_PURPOSE = "client_secret"  # noqa: S105  a name


_SHOWN = 20
LONGEST_OVERLAP, LONGEST_LIFE = timedelta(days=90), timedelta(days=730)


@dataclass(frozen=True)
class Plan:
    """How secrets follow each other: for how long the one before works on, and the new one lives.

    None: the one before ends at once; the new one stays until it is replaced.
    """

    overlap: timedelta | None = None
    life: timedelta | None = None


class Secrets:
    """Changes the secrets of a client. Epochs and events are the caller's."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        """Take the master keys and the time."""
        self._keyring = keyring
        self._clock = clock

    def add(
        self, transaction: Transaction, client: Client, *, life: timedelta | None = None
    ) -> tuple[ClientSecret, str]:
        """Give a client a secret and return it with its row: nobody reads it afterwards."""
        secret, row_id, now = f"cs_{new_secret()}", new_id("sec"), self._clock.now()
        readable = client.auth_method == AuthMethod.SECRET_JWT
        row = ClientSecret(
            id=row_id,
            client_id=client.id,
            secret_hash=fingerprint(secret, SECRET_PURPOSE),
            sealed=self._keyring.encrypt(secret.encode(), place(row_id)) if readable else None,
            created_at=now,
            expires_at=now + life if life else None,
        )
        transaction.tenant(client.tenant_id).add(row)
        return row, secret

    def get(self, transaction: Transaction, client: Client, secret_id: str) -> ClientSecret:
        """Return a secret of the client. Raises NotFound."""
        row = transaction.tenant(client.tenant_id).get(ClientSecret, secret_id)
        if row is None or row.client_id != client.id:
            raise NotFound("The client has no such secret.")
        return row

    def live(self, transaction: Transaction, client: Client) -> list[ClientSecret]:
        """Return the secrets that work now, newest first."""
        now = self._clock.now()
        alive = or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > now)
        query = (
            select(ClientSecret)
            .where(ClientSecret.client_id == client.id, ClientSecret.revoked_at.is_(None), alive)
            .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        )
        return [*transaction.tenant(client.tenant_id).scalars(query)]

    def all_of(self, transaction: Transaction, client: Client) -> list[ClientSecret]:
        """Return the latest secrets, those that ended too, newest first."""
        query = (
            select(ClientSecret)
            .where(ClientSecret.client_id == client.id)
            .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
            .limit(_SHOWN)
        )
        return [*transaction.tenant(client.tenant_id).scalars(query)]

    def end(self, transaction: Transaction, client: Client) -> None:
        """End every secret of a client; nothing of them stays readable."""
        transaction.tenant(client.tenant_id).execute(
            update(ClientSecret)
            .where(ClientSecret.client_id == client.id, ClientSecret.revoked_at.is_(None))
            .values(revoked_at=self._clock.now(), sealed=None)
        )

    def expire(self, secrets: list[ClientSecret], *, newest_until: datetime | None) -> None:
        """End secrets now, but the newest at a moment, if one is given."""
        now = self._clock.now()
        for age, secret in enumerate(secrets):
            if newest_until and age == 0:
                # What was to end before that still does.
                secret.expires_at = min(secret.expires_at or newest_until, newest_until)
            else:
                secret.revoked_at, secret.sealed = now, None


def place(secret_id: str) -> Place:
    """Return where a readable secret is encrypted for."""
    return Place("client_secrets", "sealed", secret_id)
