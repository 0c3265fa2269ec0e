"""What the page knows and changes of a person's keys."""

from dataclasses import dataclass

from authserver.account.access import Visitor, visitor
from authserver.account.views import Moment, moment
from authserver.api_keys.models import ApiKey
from authserver.api_keys.news import News
from authserver.api_keys.service import ApiKeys, Choices, NewKey
from authserver.api_keys.uses import address_place
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction


@dataclass(frozen=True)
class KeyView:
    """A key as its owner sees it. `ended`: it opens nothing any more."""

    id: str
    name: str
    hint: str
    may: tuple[str, ...]
    roles: tuple[str, ...]
    networks: tuple[str, ...]
    made: Moment
    ends: Moment | None
    used: Moment | None
    address: str
    ended: bool
    over: bool


@dataclass(frozen=True)
class Parts:
    """What the page works with."""

    database: Database
    service: ApiKeys
    news: News
    keyring: Keyring
    clock: Clock


class OwnKeys:
    """Knows and changes the keys of the person who asks."""

    def __init__(self, parts: Parts) -> None:
        """Take what it works with."""
        self._parts = parts

    def all(self, who: Visitor) -> list[KeyView]:
        """Return the keys, newest first, those that still open something before the others."""
        with self._parts.database.read() as view:
            rows = self._parts.service.of_person(view, who.tenant_id, who.id)
            standing = self._parts.service.standing(view, who.tenant_id, [row.id for row in rows])
        found = [self._view(row, ended=row.id not in standing) for row in rows]
        return sorted(found, key=lambda one: one.ended)

    def choices(self, who: Visitor) -> Choices:
        """Return what the person may give a key."""
        with self._parts.database.read() as view:
            return self._parts.service.choices(view, who.tenant_id, who.id)

    def create(self, new: NewKey) -> tuple[str, str]:
        """Make a key; return its name and text. Raises UnfitApiKey, Refused, Conflict."""
        who = visitor()
        return self._parts.database.write(lambda transaction: self._made(transaction, who, new))

    def _made(self, transaction: Transaction, who: Visitor, new: NewKey) -> tuple[str, str]:
        row, key = self._parts.service.for_person(
            transaction, new, tenant_id=who.tenant_id, user_id=who.id, actor=who.actor
        )
        return row.name, key

    def revoke(self, key_id: str) -> str:
        """End a key; return its name. Raises NotFound for what is not the person's own."""
        who, service = visitor(), self._parts.service
        name = self._parts.database.write(
            lambda transaction: (
                service.revoke(
                    transaction, who.tenant_id, key_id, actor=who.actor, user_id=who.id
                ).name
            )
        )
        self._parts.news.tell()
        return name

    def _view(self, row: ApiKey, *, ended: bool) -> KeyView:
        opened = self._parts.keyring.decrypt_text(row.last_used_address, address_place(row.id))
        return KeyView(
            id=row.id,
            name=row.name,
            hint=row.hint,
            may=tuple(row.scopes),
            roles=tuple(row.roles),
            networks=tuple(row.ip_allowlist),
            made=moment(row.created_at),
            ends=moment(row.expires_at) if row.expires_at else None,
            used=moment(row.last_used_at) if row.last_used_at else None,
            address=opened,
            ended=ended,
            over=row.expires_at is not None and row.expires_at <= self._parts.clock.now(),
        )
