"""People who get an account by a provider's word, and what their groups there give them."""

import unicodedata
from dataclasses import replace

from authserver.accounts import profiles
from authserver.accounts.directory import UserSnapshot, snapshot
from authserver.accounts.policy import MAX_NAME, has_controls
from authserver.accounts.service import AccountService, NewAccount
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.net.email import EmailAddress
from authserver.federation import connections
from authserver.federation.policy import first_roles, roles_after
from authserver.federation.values import Connection, Identity
from authserver.links.newcomers import tenant_now
from authserver.mfa.notices import Reports
from authserver.registration.service import openness_of
from authserver.roles import lookup
from authserver.roles.policy import NO_ROLES, Roles
from authserver.roles.service import RoleService
from authserver.settings import LANGUAGES


class Newcomers:
    """Makes accounts, and keeps the roles that groups give. Part of somebody else's job."""

    def __init__(self, accounts: AccountService, roles: RoleService, reports: Reports) -> None:
        """Take what makes accounts and gives roles, and what tells the trail."""
        self._accounts = accounts
        self._roles = roles
        self._reports = reports

    def make(
        self,
        transaction: Transaction,
        tenant_id: str,
        identity: Identity,
        *,
        connection: Connection,
        verified: bool,
        by: Actor,
    ) -> UserSnapshot:
        """Make somebody an account with the provider's address. Raises Conflict, UnfitAccount."""
        email = identity.email
        if email is None:
            raise ValueError("nobody has an account without an address")
        account = NewAccount(
            tenant_id=tenant_id,
            email=email.as_typed,
            name=_name(identity, email),
            verified=verified,
            locale=_language(identity.locale),
        )
        # Nobody has an account yet whose key could hide from where this was done.
        nobody = replace(by, principal=tenant_id, address="", user_agent="")
        made = self._accounts.create(transaction, account, actor=nobody)
        made.zoneinfo = profiles.zones().get((identity.zoneinfo or "").lower())
        given = self._first_roles(transaction, tenant_id, identity, connection=connection)
        self._roles.set_roles(transaction, tenant_id, made.id, roles=given, actor=nobody)
        facts = {"roles": sorted(given), "connection": connection.id}
        person = replace(by, kind=ActorKind.USER, principal=made.id)
        event = Event(EventType.USER_REGISTERED, tenant_id, person, subject=made.id, facts=facts)
        self._reports.trail.record(transaction, event)
        return snapshot(made)

    def follow_groups(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        identity: Identity,
        *,
        connection: Connection,
        by: Actor,
    ) -> None:
        """Give and take the roles that the groups of a tenant's own connection decide."""
        if connection.tenant_id != user.tenant_id or not connection.group_roles:
            return
        held, wanted = self._roles_by(transaction, user, identity, connection=connection)
        if held == wanted:
            return
        # Once more with the tenant held: what an administrator changes just now is not lost.
        self._roles.check_names(transaction, user.tenant_id, roles=())
        _, wanted = self._roles_by(transaction, user, identity, connection=connection)
        provider = replace(by, kind=ActorKind.CONNECTION, principal=connection.id)
        self._roles.set_roles(transaction, user.tenant_id, user.id, roles=wanted, actor=provider)

    def _roles_by(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        identity: Identity,
        *,
        connection: Connection,
    ) -> tuple[frozenset[str], frozenset[str]]:
        held = frozenset(self._roles.roles_of(transaction, user.tenant_id, user.id))
        own = _own_roles(transaction, connection)
        return held, roles_after(held, connection.group_roles, identity.groups, own=own)

    def _first_roles(
        self,
        transaction: Transaction,
        tenant_id: str,
        identity: Identity,
        *,
        connection: Connection,
    ) -> frozenset[str]:
        """Return what a tenant's own connection gives, or what whoever registers becomes."""
        if connection.tenant_id is not None:
            return first_roles(connection, identity, _own_roles(transaction, connection))
        return frozenset(openness_of(tenant_now(transaction, tenant_id)).roles)


def _own_roles(transaction: Transaction, connection: Connection) -> Roles:
    """Return what the tenant's own roles of a connection allow now.

    One that was made after the connection was last changed is another of the same name (ATK-112).
    """
    own = [name for name in connection.roles if "/" in name]
    if not own or connection.tenant_id is None:
        return NO_ROLES
    since = connections.changed_at(transaction, connection.id)
    return lookup.known(transaction, connection.tenant_id, own, made_before=since)


def _name(identity: Identity, email: EmailAddress) -> str:
    """Return a name as accounts have it; without one it is how the address begins."""
    seen = "".join(one for one in identity.name if not has_controls(one))
    clean = " ".join(unicodedata.normalize("NFC", seen).split())[:MAX_NAME].strip()
    return clean or email.local


def _language(locale: str | None) -> str | None:
    """Return the language of ours that a locale such as `de-AT` means."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else None
