"""What people allowed clients: asked once, remembered until revoked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from authserver.clients.registered import RegisteredClient
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.oauth import statements
from authserver.oauth.authorize.next_step import Consented
from authserver.oauth.authorize.request import AuthorizationRequest
from authserver.oauth.models import AuthorizationCode, Consent


@dataclass(frozen=True)
class Party:
    """Who allows whom."""

    tenant_id: str
    user_id: str
    client: RegisteredClient


@dataclass(frozen=True)
class Allowed:
    """What a person allowed one client, and when last."""

    client_id: str
    scope: tuple[str, ...]
    granted_at: datetime
    claims: tuple[str, ...] = ()


def find(transaction: Transaction, party: Party, *, in_this_flow: bool) -> Consented:
    """Return what the person allowed the client so far."""
    wanted = {
        "tenant_id": party.tenant_id,
        "user_id": party.user_id,
        "client_id": party.client.id,
    }
    row = transaction.row(statements.FIND_CONSENT, wanted)
    if row is None or not _counts(party.client, row["granted_at"]):
        return Consented(in_this_flow=in_this_flow)
    return Consented(
        scope=frozenset(row["scope"]),
        resources=frozenset(row["resources"]),
        claims=frozenset(row["claims"] or ()),
        in_this_flow=in_this_flow,
    )


def grant(
    transaction: Transaction, party: Party, *, request: AuthorizationRequest, now: datetime
) -> None:
    """Remember that the person allowed what was asked, in addition to what was allowed before."""
    session = transaction.tenant(party.tenant_id)
    query = select(Consent).where(
        Consent.user_id == party.user_id, Consent.client_id == party.client.id
    )
    consent = session.scalars(query).one_or_none()
    if consent is None:
        consent = Consent(
            id=new_id("con"),
            user_id=party.user_id,
            client_tenant_id=party.client.tenant.id,
            client_id=party.client.id,
            scope=[],
            resources=[],
        )
        session.add(consent)
    elif not _counts(party.client, consent.granted_at):
        consent.scope, consent.resources, consent.claims = [], [], None
    consent.scope = sorted({*consent.scope, *request.scope})
    consent.resources = sorted({*consent.resources, *request.resources})
    if request.named_claims:
        consent.claims = sorted({*(consent.claims or ()), *request.named_claims})
    consent.granted_at = now


def _counts(client: RegisteredClient, granted_at: datetime) -> bool:
    """Tell whether what was allowed then was allowed to the client as it is now.

    Another name, or another host to go back to: the person is asked anew.
    """
    return client.consents_from is None or granted_at > client.consents_from


def of_person(transaction: Transaction, tenant_id: str, user_id: str) -> list[Allowed]:
    """Return everything that a person allowed."""
    wanted = select(Consent).where(Consent.user_id == user_id)
    return [
        Allowed(row.client_id, tuple(row.scope), row.granted_at, tuple(row.claims or ()))
        for row in transaction.tenant(tenant_id).scalars(wanted)
    ]


def withdraw(
    transaction: Transaction, tenant_id: str, *, user_id: str, client_id: str, now: datetime
) -> bool:
    """Forget what a person allowed a client; False if it was nothing.

    A code that is on its way runs out at once. Families are ended after this, not before: one that
    a code becomes meanwhile is then among them.
    """
    session = transaction.tenant(tenant_id)
    on_its_way = update(AuthorizationCode).where(
        AuthorizationCode.user_id == user_id,
        AuthorizationCode.client_id == client_id,
        AuthorizationCode.used_at.is_(None),
        AuthorizationCode.expires_at > now,
    )
    session.execute(on_its_way.values(expires_at=now).execution_options(synchronize_session=False))
    allowed = (Consent.user_id == user_id) & (Consent.client_id == client_id)
    gone = delete(Consent).where(allowed).returning(Consent.id)
    return session.execute(gone).first() is not None
