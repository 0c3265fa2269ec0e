"""Keys are made and revoked here, for people, administrators and operators alike.

A named platform service: what a key depends on is asked in one statement, of a guest at home, too.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from authserver.accounts.models import User
from authserver.api_keys import form, policy, statements
from authserver.api_keys.models import ApiKey
from authserver.api_keys.notices import Notices
from authserver.api_keys.offers import offered_in
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.clients.models import Client
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound
from authserver.core.said import said
from authserver.roles.catalogue import Permission
from authserver.roles.service import RoleService

NO_KEY = said("There is no such API key.")
_SERVICE = "service"


@dataclass(frozen=True)
class NewKey:
    """What a key is to be. `request_id` is the form's: the same form makes one key."""

    name: str
    scopes: tuple[str, ...]
    roles: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    life: timedelta | None = None
    expires_at: datetime | None = None
    request_id: str | None = None


@dataclass(frozen=True)
class Choices:
    """What a person may give a key."""

    permissions: tuple[str, ...]
    scopes: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def all_scopes(self) -> frozenset[str]:
        """Return permissions and scopes together."""
        return frozenset((*self.permissions, *self.scopes))


class ApiKeys:
    """Makes, lists and revokes keys."""

    def __init__(
        self, roles: RoleService, trail: Trail, notices: Notices, *, clock: Clock, prefix: str
    ) -> None:
        """Take who knows roles, where it is recorded, who is told, and how keys begin."""
        self._roles = roles
        self._trail = trail
        self._notices = notices
        self._clock = clock
        self._prefix = prefix

    def choices(self, transaction: Transaction, tenant_id: str, user_id: str) -> Choices:
        """Return what a person may give a key now."""
        held = self._roles.roles_of(transaction, tenant_id, user_id)
        scopes = offered_in(transaction, tenant_id)
        allowed = self._roles.permissions_of(transaction, tenant_id, user_id)
        permissions = sorted(permission.value for permission in allowed)
        return Choices(tuple(permissions), tuple(sorted(scopes)), tuple(sorted(held)))

    def for_person(
        self, transaction: Transaction, new: NewKey, *, tenant_id: str, user_id: str, actor: Actor
    ) -> tuple[ApiKey, str]:
        """Make a key of a person; return it with its text, which nobody reads afterwards.

        Raises NotFound, UnfitApiKey, Refused for more than the person has, Conflict.
        """
        user = transaction.tenant(tenant_id).get(User, user_id, with_for_update=True)
        epochs = transaction.row(
            statements.EPOCHS_OF_PERSON, {"tenant_id": tenant_id, "user_id": user_id}
        )
        if user is None or epochs is None:
            raise NotFound("There is no such account.")
        choices = self.choices(transaction, tenant_id, user_id)
        values = self._values(new, allowed=choices.all_scopes)
        values["roles"] = policy.check_roles(new.roles, frozenset(choices.roles))
        owner = {"user_id": user_id, **epochs}
        return self._make(transaction, tenant_id, {**values, **owner}, actor=actor)

    def for_service(
        self,
        transaction: Transaction,
        new: NewKey,
        *,
        tenant_id: str,
        client_id: str,
        actor: Actor,
        giver: AbstractSet[Permission] | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key of a service account, within what it and its giver may (None: all).

        Raises NotFound, UnfitApiKey, Refused, Conflict.
        """
        client = transaction.tenant(tenant_id).get(Client, client_id, with_for_update=True)
        if client is None or client.deleted_at is not None:
            raise NotFound("There is no such client.", field="client_id")
        if client.kind != _SERVICE:
            raise policy.UnfitApiKey(
                "API keys are for people and for clients of kind service.", field="client_id"
            )
        policy.check_giver(new.scopes, giver)
        values = self._values(new, allowed=frozenset(client.scopes))
        owner = {"client_id": client_id, "roles": []}
        return self._make(transaction, tenant_id, {**values, **owner}, actor=actor)

    def of_person(self, transaction: Transaction, tenant_id: str, user_id: str) -> list[ApiKey]:
        """Return a person's keys that were not revoked, newest first."""
        query = (
            select(ApiKey)
            .where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
            .order_by(ApiKey.id.desc())
        )
        return [*transaction.tenant(tenant_id).scalars(query)]

    def get(
        self, transaction: Transaction, tenant_id: str, key_id: str, *, user_id: str | None = None
    ) -> ApiKey:
        """Return a key, of this person if one is given. Raises NotFound."""
        row = transaction.tenant(tenant_id).get(ApiKey, key_id)
        if row is None or (user_id is not None and row.user_id != user_id):
            raise NotFound(NO_KEY)
        return row

    def revoke(
        self,
        transaction: Transaction,
        tenant_id: str,
        key_id: str,
        *,
        actor: Actor,
        user_id: str | None = None,
    ) -> ApiKey:
        """End a key for the next request. Idempotent. Raises NotFound."""
        row = self.get(transaction, tenant_id, key_id, user_id=user_id)
        if row.revoked_at is not None:
            return row
        row.revoked_at = self._clock.now()
        self._record(transaction, EventType.API_KEY_REVOKED, row, actor=actor)
        if actor.principal != row.user_id:
            self._notices.revoked(transaction, row)
        return row

    def standing(
        self, transaction: Transaction, tenant_id: str, key_ids: Collection[str]
    ) -> frozenset[str]:
        """Return those of a tenant's keys that open something now."""
        if not key_ids:
            return frozenset()
        now = self._clock.now()
        query = (
            select(ApiKey.id)
            .select_from(statements.KEY_WITH_ITS_OWNER)
            .where(
                ApiKey.tenant_id == tenant_id,
                ApiKey.id.in_(key_ids),
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
                statements.OWNER_STANDS,
            )
        )
        return frozenset(transaction.platform().scalars(query))

    def _values(self, new: NewKey, *, allowed: AbstractSet[str]) -> dict[str, Any]:
        now = self._clock.now()
        expires_at = now + new.life if new.life else new.expires_at
        policy.check_end(expires_at, now)
        return {
            "name": policy.check_name_of_key(new.name),
            "scopes": policy.check_scopes(new.scopes, allowed),
            "ip_allowlist": policy.check_networks(new.networks),
            "expires_at": expires_at,
            "request_id": new.request_id,
        }

    def _make(
        self, transaction: Transaction, tenant_id: str, values: dict[str, Any], *, actor: Actor
    ) -> tuple[ApiKey, str]:
        self._check_room(transaction, tenant_id, values)
        key = form.new_key(self._prefix)
        row = ApiKey(
            id=new_id("apk"),
            hint=form.hint(key),
            key_hash=form.hashed(key),
            created_by=actor.principal,
            created_at=self._clock.now(),
            **values,
        )
        session = transaction.tenant(tenant_id)
        session.add(row)
        session.flush()
        facts = {"scopes": row.scopes, "roles": row.roles, "until": _said(row.expires_at)}
        self._record(transaction, EventType.API_KEY_CREATED, row, actor=actor, facts=facts)
        self._notices.created(transaction, row, actor)
        return row, key

    def _check_room(self, transaction: Transaction, tenant_id: str, values: dict[str, Any]) -> None:
        """Raise Conflict for a form that came twice, or too many keys of one owner.

        The owner's row is held: two at once count each other.
        """
        session = transaction.tenant(tenant_id)
        if values["request_id"] is not None:
            query = select(ApiKey.id).where(ApiKey.request_id == values["request_id"])
            if session.scalar(query) is not None:
                raise Conflict("This form was sent before: its key was made, and shown then.")
        owner = (
            ApiKey.user_id == values["user_id"]
            if "user_id" in values
            else ApiKey.client_id == values["client_id"]
        )
        now = self._clock.now()
        live = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)
        count = select(func.count(ApiKey.id)).where(owner, ApiKey.revoked_at.is_(None), live)
        if (session.scalar(count) or 0) >= policy.MOST_LIVE:
            raise Conflict(
                said(
                    "There are %(most_live)s keys already: revoke one first.",
                    most_live=policy.MOST_LIVE,
                )
            )

    def _record(
        self,
        transaction: Transaction,
        type_: EventType,
        row: ApiKey,
        *,
        actor: Actor,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        more = {"client": row.client_id} if row.client_id else {}
        event = Event(
            type_,
            row.tenant_id,
            actor,
            subject=row.user_id,
            resource=f"api_key:{row.id}",
            facts={**more, **(facts or {})},
        )
        self._trail.record(transaction, event)


def _said(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
