"""A client's secrets: two that live, so that one is exchanged without a pause."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from authserver.admin.api.clients.given import NewSecret
from authserver.admin.api.clients.holding import check_holds
from authserver.admin.api.clients.registry import ONE, TAG, to_change
from authserver.admin.api.clients.shown import SecretCreated, SecretList, SecretShown, secret_shown
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.clients.models import ClientSecret
from authserver.clients.policy import AuthMethod
from authserver.clients.rotation.policy import WARNINGS
from authserver.clients.secrets import Plan
from authserver.clients.service import ClientService
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

_ALL = f"{ONE}/secrets"


class ClientSecrets:
    """Operations on secrets."""

    def __init__(self, clients: ClientService, clock: Clock) -> None:
        """Take what keeps clients, and the time."""
        self._clients = clients
        self._clock = clock

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.CLIENTS_READ, Permission.CLIENTS_WRITE
        return (
            Operation(
                "GET", _ALL, Does.READ, read, self.list_secrets,
                "List a client's secrets: when they were made and when they end", TAG,
                shows=SecretList,
            ),
            Operation(
                "POST", _ALL, Does.CREATE, write, self.rotate_secret,
                "Give a client a new secret; the one before works on for a while", TAG,
                body=NewSecret, shows=SecretCreated, sensitive=True,
            ),
            Operation(
                "DELETE", f"{_ALL}/{{secret_id}}", Does.CHANGE, write, self.revoke_secret,
                "End a secret now, and the tokens obtained with it", TAG, shows=SecretShown,
                sensitive=True,
            ),
        )  # fmt: skip

    def list_secrets(self, transaction: Transaction, call: Call) -> Reply:
        """Return the secrets of a client, newest first."""
        client = self._clients.get(transaction, call.path["tenant_id"], call.path["client_id"])
        rows, now = self._clients.secrets.all_of(transaction, client), self._clock.now()
        has_secret = AuthMethod(client.auth_method).has_secret
        listed = SecretList(
            items=tuple(secret_shown(row, now) for row in rows),
            warning=ends_soon(rows, now) if has_secret else None,
        )
        return Reply(listed)

    def rotate_secret(self, transaction: Transaction, call: Call) -> Reply:
        """Make a new secret and show it this once."""
        asked: NewSecret = call.body
        client = to_change(self._clients, transaction, call)
        check_holds(call.caller, client.scopes)
        plan = Plan(
            timedelta(hours=asked.overlap_hours) or None,
            timedelta(days=asked.expires_in_days) if asked.expires_in_days else None,
        )
        before = self._clients.secrets.live(transaction, client)
        row, secret = self._clients.rotate_secret(
            transaction, client.tenant_id, client.id, plan=plan, actor=call.caller.actor
        )
        until = before[0].expires_at if before and plan.overlap else None
        created = SecretCreated(
            id=row.id,
            client_secret=secret,
            created_at=row.created_at,
            expires_at=row.expires_at,
            previous_until=until,
        )
        return Reply(created)

    def revoke_secret(self, transaction: Transaction, call: Call) -> Reply:
        """End one secret."""
        client = to_change(self._clients, transaction, call)
        row = self._clients.revoke_secret(
            transaction,
            client.tenant_id,
            client.id,
            secret_id=call.path["secret_id"],
            actor=call.caller.actor,
        )
        return Reply(secret_shown(row, self._clock.now()))


def ends_soon(rows: Sequence[ClientSecret], now: datetime) -> datetime | None:
    """Return when the last live secret ends, if that is soon; None where one stays."""
    live = [
        row
        for row in rows
        if row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
    ]
    ends = [row.expires_at for row in live if row.expires_at is not None]
    if not ends or len(ends) < len(live):
        return None
    last = max(ends)
    return last if last - now <= WARNINGS[0] else None
