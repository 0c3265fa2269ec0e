"""Who holds a key that is presented, and what it may do now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authserver.api_keys import form, policy, statements
from authserver.api_keys.uses import LastUses
from authserver.core.cache import Snapshots
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.core.net.addresses import (
    InvalidAddress,
    contains,
    parse_address,
    parse_networks,
)
from authserver.roles.catalogue import Permission
from authserver.roles.held import read
from authserver.roles.lookup import permissions_of


@dataclass(frozen=True)
class Holder:
    """A key that holds, and what it may do: what it was given and its owner has, both.

    `roles` are what services are told. Exactly one of `user_id` and `client_id` is there.
    """

    key_id: str
    tenant_id: str
    tenant_slug: str
    tenant_type: str
    user_id: str | None
    client_id: str | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None


class Holders:
    """Finds them. Every look is one statement: nothing about a key is remembered."""

    def __init__(
        self,
        database: Database,
        offers: Snapshots[str, frozenset[str]],
        *,
        uses: LastUses,
        clock: Clock,
    ) -> None:
        """Take where keys are, what applications of a tenant offer, and what notes uses."""
        self._database = database
        self._offers = offers
        self._uses = uses
        self._clock = clock

    def find(self, key: str, *, issuer_tenant: str | None, address: str | None) -> Holder | None:
        """Return who holds a key, presented from an address (None: not known), at an issuer.

        A key is good at the platform's issuer and at its tenant's own. One that is bound to
        addresses is good from those alone, and never from one that is not known.
        """
        if not form.is_key(key) or not form.is_whole(key):
            return None
        now = self._clock.now()
        with self._database.read() as view:
            row = view.row(statements.FIND_KEY, {"key_hash": form.hashed(key), "now": now})
            held = read(row["held_roles"], now).roles if row else ()
            allowed = permissions_of(view, row["tenant_id"], held) if row else frozenset()
        if row is None or issuer_tenant not in {None, row["tenant_id"]}:
            return None
        if not _may_come_from(row["ip_allowlist"], address):
            return None
        self._uses.note(row["tenant_id"], row["id"], address or "")
        return self._holder(row, frozenset(held), allowed)

    def _holder(
        self, row: Mapping[str, Any], held: frozenset[str], allowed: frozenset[Permission]
    ) -> Holder:
        if row["user_id"] is not None:
            of_tenant = self._offers.get(row["tenant_id"]) or frozenset()
            scopes = policy.within_person(row["scopes"], allowed, of_tenant)
        else:
            scopes = frozenset(row["scopes"]) & frozenset(row["client_scopes"])
        return Holder(
            key_id=row["id"],
            tenant_id=row["tenant_id"],
            tenant_slug=row["tenant_slug"],
            tenant_type=row["tenant_type"],
            user_id=row["user_id"],
            client_id=row["client_id"],
            scopes=tuple(sorted(scopes)),
            roles=tuple(sorted(held.intersection(row["roles"]))),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
        )


def _may_come_from(allowlist: list[str], address: str | None) -> bool:
    if not allowlist:
        return True
    try:
        return address is not None and contains(parse_networks(allowlist), parse_address(address))
    except InvalidAddress:
        return False
