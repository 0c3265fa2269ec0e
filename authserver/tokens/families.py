"""Token families: what a person's tokens depend on, read and revoked."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select

from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.roles.held import read
from authserver.tokens import statements
from authserver.tokens.authorization import (
    Authorization,
    Confirmation,
    Home,
    Person,
    SignIn,
)
from authserver.tokens.ends.statements import REMEMBER_CLIENT
from authserver.tokens.models import TokenFamily
from authserver.tokens.people.requested import RequestedClaims


class RevocationReason(StrEnum):
    """Why a family ended before its time."""

    CODE_REPLAYED = "code replayed"
    REFRESH_REUSED = "refresh token reused"
    REVOKED_BY_CLIENT = "revoked by the client"
    REVOKED_BY_PERSON = "revoked by the person"


class Family(NamedTuple):
    """A family whose person, client, tenants and session are all still good."""

    scope: tuple[str, ...]
    resources: tuple[str, ...]
    sign_in: SignIn
    person: Person
    bound_to: Confirmation | None = None


def family_of(row: Mapping[str, Any], now: datetime) -> Family:
    """Make the family of a row that says it is live."""
    return Family(
        scope=tuple(row["scope"]),
        resources=tuple(row["resources"]),
        sign_in=_sign_in(row),
        person=person_of(row, now),
        bound_to=Confirmation.parse(row["bound_to"]),
    )


def live_person(
    transaction: Transaction, family_id: str, now: datetime
) -> tuple[Person, RequestedClaims] | None:
    """Return the person of a family, if nothing it depends on has ended or moved on.

    With the claims that were asked for by name.
    """
    values = {"family_id": family_id, "now": now}
    row = transaction.row(statements.PERSON_OF_FAMILY, values)
    if row is None or not _parents_live(transaction, row, now):
        return None
    return person_of(row, now), RequestedClaims.from_json(row["claims"])


def owner(transaction: Transaction, tenant_id: str, family_id: str) -> str | None:
    """Return the account that a family belongs to."""
    wanted = select(TokenFamily.user_id).where(TokenFamily.id == family_id)
    return transaction.tenant(tenant_id).scalar(wanted)


def is_live(transaction: Transaction, family_id: str, now: datetime) -> bool:
    """Tell whether nothing the family depends on has ended, disabled or moved on.

    One that began with an exchange depends on its parent, whose row is looked at as well: so they
    end together, whatever ends the parent, and families that have none cost nothing more.
    """
    values = {"family_id": family_id, "now": now}
    row = transaction.row(statements.FAMILY_IS_LIVE, values)
    return row is not None and _parents_live(transaction, row, now)


def _parents_live(transaction: Transaction, row: Mapping[str, Any], now: datetime) -> bool:
    parent_id = row["parent_id"]
    return parent_id is None or is_live(transaction, parent_id, now)


def find_live(transaction: Transaction, family_id: str, now: datetime) -> Family | None:
    """Return a family if nothing it depends on has ended or moved on."""
    values = {"family_id": family_id, "now": now}
    row = transaction.row(statements.LIVE_FAMILY, values)
    return family_of(row, now) if row and _parents_live(transaction, row, now) else None


def of_session(
    transaction: Transaction, tenant_id: str, *, session_id: str, client_id: str, now: datetime
) -> Family | None:
    """Return the newest live family that a client has of a session."""
    values = {
        "of_tenant": tenant_id,
        "of_session": session_id,
        "of_client": client_id,
        "at": now,
    }
    row = transaction.row(statements.FAMILY_OF_SESSION, values)
    return family_of(row, now) if row else None


def depth(transaction: Transaction, family_id: str) -> int:
    """Return how many exchanges a family has behind it."""
    count, wanted = 0, {"family_id": family_id}
    while row := transaction.row(statements.PARENT_OF_FAMILY, wanted):
        if row["parent_id"] is None:
            break
        count, wanted = count + 1, {"family_id": row["parent_id"]}
    return count


def person_of(row: Mapping[str, Any], now: datetime) -> Person:
    """Make the person of a row that has PERSON_COLUMNS, with the roles held now."""
    held = read(row["held_roles"], now)
    return Person(
        id=row["user_id"],
        tenant=Home(
            row["tenant_id"], row["tenant_slug"], row["tenant_type"], row["tenant_security_epoch"]
        ),
        email=row["email"],
        email_verified=row["email_verified"],
        name=row["name"],
        locale=row["user_locale"],
        zoneinfo=row["zoneinfo"],
        picture_id=row["picture_id"],
        updated_at=row["user_updated_at"],
        security_epoch=row["user_security_epoch"],
        roles=held.roles,
        details=row["details"],
        roles_until=held.until,
    )


def create(
    transaction: Transaction,
    authorization: Authorization,
    *,
    scope: tuple[str, ...],
    resources: tuple[str, ...],
    now: datetime,
    parent_id: str | None = None,
) -> None:
    """Store the family that an authorization begins. `scope` and `resources` are its most.

    `parent_id` is the family of the token that was exchanged for it.
    """
    person, sign_in, client = authorization.person, authorization.sign_in, authorization.client
    if person is None or sign_in is None:
        raise ValueError("a family belongs to a person who signed in")
    transaction.insert_at_commit(
        statements.INSERT_FAMILY,
        {
            "id": sign_in.family_id,
            "tenant_id": person.tenant.id,
            "parent_id": parent_id,
            "issuer": authorization.issuer.url,
            "user_id": person.id,
            "session_id": sign_in.session_id,
            "client_tenant_id": client.tenant.id,
            "client_id": client.id,
            "scope": list(scope),
            "resources": list(resources),
            "nonce": sign_in.nonce,
            "claims": sign_in.claims.at_userinfo.to_json() or None,
            "auth_time": sign_in.auth_time,
            "acr": sign_in.acr,
            "amr": list(sign_in.amr),
            "offline": sign_in.offline,
            "user_epoch": person.security_epoch,
            "client_epoch": client.security_epoch,
            "tenant_epoch": person.tenant.security_epoch,
            "home_epoch": sign_in.home_epoch,
            "created_at": now,
            "expires_at": sign_in.expires_at,
            "bound_to": authorization.bound_to.stored if authorization.bound_to else None,
        },
    )
    if client.options.backchannel_logout_uri:
        _remember_client(transaction, authorization, person, sign_in=sign_in, now=now)


def _remember_client(
    transaction: Transaction,
    authorization: Authorization,
    person: Person,
    *,
    sign_in: SignIn,
    now: datetime,
) -> None:
    """Note that the client wants to know when the session ends."""
    notice = {
        "id": new_id("lgn"),
        "tenant_id": person.tenant.id,
        "session_id": sign_in.session_id,
        "user_id": person.id,
        "issuer": authorization.issuer.url,
        "client_tenant_id": authorization.client.tenant.id,
        "client_id": authorization.client.id,
        "attempts": 0,
        "created_at": now,
    }
    transaction.change(REMEMBER_CLIENT, {f"new_{name}": value for name, value in notice.items()})


def bind(transaction: Transaction, to: Confirmation, *, tenant_id: str, family_id: str) -> bool:
    """Bind a family that is not bound yet; False when it is."""
    values = {"of_tenant": tenant_id, "family_id": family_id, "confirmation": to.stored}
    return transaction.change(statements.BIND_FAMILY, values) == 1


def revoke(
    transaction: Transaction,
    trail: Trail,
    event: Event,
    *,
    family_id: str,
    reason: RevocationReason,
    now: datetime,
) -> bool:
    """End the family at once, with the event that says why. False, and nothing, the second time."""
    values = {
        "of_tenant": event.tenant_id,
        "family_id": family_id,
        "now": now,
        "reason": reason.value,
    }
    if not transaction.change(statements.REVOKE_FAMILY, values):
        return False
    trail.record(transaction, event)
    return True


def family_event(
    type_: EventType, *, tenant_id: str, family_id: str, user_id: str, actor: Actor
) -> Event:
    """Return an event about a family and its person."""
    return Event(type_, tenant_id, actor, subject=user_id, resource=f"family:{family_id}")


def _sign_in(family: Mapping[str, Any]) -> SignIn:
    return SignIn(
        family_id=family["family_id"],
        session_id=family["session_id"],
        auth_time=family["auth_time"],
        acr=family["acr"],
        amr=tuple(family["amr"]),
        nonce=family["nonce"],
        expires_at=family["expires_at"],
        offline=family["offline"],
        home_epoch=family["home_epoch"],
    )
