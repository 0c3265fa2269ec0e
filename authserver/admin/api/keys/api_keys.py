"""/tenants/{tenant_id}/api-keys: keys of people and services, listed, made for services, revoked.

People make their own on /account/api-keys: nobody makes one for somebody else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from authserver.accounts.models import User
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.api_keys.models import ApiKey
from authserver.api_keys.policy import LONGEST, MOST_NETWORKS, MOST_SCOPES
from authserver.api_keys.service import ApiKeys, NewKey
from authserver.api_keys.uses import address_place
from authserver.clients.models import Client
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission

_TAG = "API keys"
_Id = Annotated[str, Field(max_length=40)]
_Network = Annotated[str, Field(max_length=64)]
_Scope = Annotated[str, Field(min_length=1, max_length=128)]


class KeyState(StrEnum):
    """What a key is worth. ENDED: its owner was disabled, or signed out everywhere since."""

    LIVE = "live"
    ENDED = "ended"
    EXPIRED = "expired"
    REVOKED = "revoked"


class ApiKeyShown(Shown):
    """An API key; the key itself is shown to nobody after it was made.

    `owner_name` is what the tenant calls its owner now: an address, or a client's name.
    """

    id: str
    name: str
    hint: str
    state: KeyState
    user_id: str | None
    client_id: str | None
    owner_name: str | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    ip_allowlist: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    last_used_address: str | None


class ApiKeyMade(ApiKeyShown):
    """A new API key: `key` is here once and nowhere afterwards."""

    key: str


class ApiKeyPage(Page[ApiKeyShown]):
    """A page of API keys."""


class ApiKeysQuery(PageQuery):
    """Which keys; `open` leaves out what was revoked or has expired."""

    user_id: _Id | None = None
    client_id: _Id | None = None
    open: Annotated[bool, Field(strict=False)] = False


class NewApiKey(Given):
    """A key for a service account, within its scopes and the caller's permissions.

    It ends after so many days; with none given, when it is revoked.
    """

    client_id: _Id
    name: Annotated[str, Field(min_length=1, max_length=60)]
    scopes: Annotated[list[_Scope], Field(min_length=1, max_length=MOST_SCOPES)]
    ip_allowlist: Annotated[list[_Network], Field(max_length=MOST_NETWORKS, default_factory=list)]
    days: Annotated[int | None, Field(ge=1, le=LONGEST.days)] = None


class ApiKeysResource:
    """Operations on API keys."""

    def __init__(self, keys: ApiKeys, keyring: Keyring, *, clock: Clock, cursors: Cursors) -> None:
        """Take what makes and revokes keys, what decrypts addresses, and what makes cursors."""
        self._keys = keys
        self._keyring = keyring
        self._clock = clock
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.API_KEYS_READ, Permission.API_KEYS_WRITE
        every = "/tenants/{tenant_id}/api-keys"
        one = f"{every}/{{api_key_id}}"
        return (
            Operation(
                "GET", every, Does.READ, read, self.list_api_keys, "List API keys", _TAG,
                query=ApiKeysQuery, shows=ApiKeyPage,
            ),
            Operation(
                "POST", every, Does.CREATE, write, self.create_api_key,
                "Make an API key for a service", _TAG, body=NewApiKey, shows=ApiKeyMade,
                sensitive=True,
            ),
            Operation(
                "GET", one, Does.READ, read, self.read_api_key, "Read an API key", _TAG,
                shows=ApiKeyShown,
            ),
            Operation(
                "POST", f"{one}/revoke", Does.CHANGE, write, self.revoke_api_key,
                "Revoke an API key: the next request is refused", _TAG, shows=ApiKeyShown,
            ),
        )  # fmt: skip

    def list_api_keys(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, oldest first: ids are sorted by creation."""
        query: ApiKeysQuery = call.query
        wanted = select(ApiKey)
        if query.user_id is not None:
            wanted = wanted.where(ApiKey.user_id == query.user_id)
        if query.client_id is not None:
            wanted = wanted.where(ApiKey.client_id == query.client_id)
        if query.open:
            over = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > self._clock.now())
            wanted = wanted.where(ApiKey.revoked_at.is_(None), over)
        tenant_id = call.path["tenant_id"]
        rows = Rows(transaction.tenant(tenant_id), wanted, "api_keys")
        items, after = self._cursors.page(rows, call, by=[ApiKey.id], show=self._shown)
        shown = self._judged(transaction, tenant_id, items)
        return Reply(ApiKeyPage(items=shown, next_cursor=after))

    def create_api_key(self, transaction: Transaction, call: Call) -> Reply:
        """Make a key for a service account."""
        asked: NewApiKey = call.body
        new = NewKey(
            name=asked.name,
            scopes=tuple(asked.scopes),
            networks=tuple(asked.ip_allowlist),
            life=timedelta(days=asked.days) if asked.days else None,
        )
        tenant_id = call.path["tenant_id"]
        row, key = self._keys.for_service(
            transaction,
            new,
            tenant_id=tenant_id,
            client_id=asked.client_id,
            actor=call.caller.actor,
            giver=call.caller.permissions,
        )
        (shown,) = self._judged(transaction, tenant_id, (self._shown(row),))
        made = ApiKeyMade(**shown.model_dump(), key=key)
        return Reply(made, location=f"/tenants/{tenant_id}/api-keys/{row.id}")

    def read_api_key(self, transaction: Transaction, call: Call) -> Reply:
        """Return one key."""
        tenant_id = call.path["tenant_id"]
        row = self._keys.get(transaction, tenant_id, call.path["api_key_id"])
        (shown,) = self._judged(transaction, tenant_id, (self._shown(row),))
        return Reply(shown)

    def revoke_api_key(self, transaction: Transaction, call: Call) -> Reply:
        """End a key."""
        tenant_id, by = call.path["tenant_id"], call.caller.actor
        row = self._keys.revoke(transaction, tenant_id, call.path["api_key_id"], actor=by)
        (shown,) = self._judged(transaction, tenant_id, (self._shown(row),))
        return Reply(shown)

    def _judged(
        self, transaction: Transaction, tenant_id: str, items: Sequence[ApiKeyShown]
    ) -> tuple[ApiKeyShown, ...]:
        """Return the keys with their owners' names, and what the owners' state makes of them."""
        names = _names(transaction.tenant(tenant_id), items)
        live = [one.id for one in items if one.state is KeyState.LIVE]
        standing = self._keys.standing(transaction, tenant_id, live)
        ended = {one for one in live if one not in standing}
        return tuple(
            one.model_copy(
                update={
                    "state": KeyState.ENDED if one.id in ended else one.state,
                    "owner_name": names.get(one.user_id or one.client_id or ""),
                }
            )
            for one in items
        )

    def _shown(self, row: ApiKey) -> ApiKeyShown:
        address = self._keyring.decrypt_text(row.last_used_address, address_place(row.id))
        return ApiKeyShown(
            id=row.id,
            name=row.name,
            hint=row.hint,
            state=self._state(row),
            user_id=row.user_id,
            client_id=row.client_id,
            owner_name=None,
            scopes=tuple(row.scopes),
            roles=tuple(row.roles),
            ip_allowlist=tuple(row.ip_allowlist),
            created_at=row.created_at,
            expires_at=row.expires_at,
            revoked_at=row.revoked_at,
            last_used_at=row.last_used_at,
            last_used_address=address or None,
        )

    def _state(self, row: ApiKey) -> KeyState:
        if row.revoked_at is not None:
            return KeyState.REVOKED
        if row.expires_at is not None and row.expires_at <= self._clock.now():
            return KeyState.EXPIRED
        return KeyState.LIVE


def _names(session: Session, items: Sequence[ApiKeyShown]) -> dict[str, str]:
    """Return what the owners are called, by their ids."""
    users = {one.user_id for one in items if one.user_id}
    clients = {one.client_id for one in items if one.client_id}
    names: dict[str, str] = {}
    if users:
        query = select(User.id, User.email).where(User.id.in_(users))
        names |= dict(session.execute(query).all())
    if clients:
        query = select(Client.id, Client.name).where(Client.id.in_(clients))
        names |= dict(session.execute(query).all())
    return names
