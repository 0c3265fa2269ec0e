"""Which invitations of a tenant are meant: by how the address begins, and how they stand."""

import string
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, select

from authserver.core.database.engine import Transaction
from authserver.core.problems import NotFound
from authserver.invitations.models import Invitation
from authserver.invitations.policy import State

_LAST = "\U0010ffff"  # behind every continuation of a beginning
_ASCII_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def query_of(text: str | None, state: State | None, now: datetime) -> Select[Invitation]:
    """Return the query, for the session of the tenant."""
    wanted = select(Invitation)
    if text and text.strip():
        begin = text.strip().translate(_ASCII_LOWER)
        wanted = wanted.where(Invitation.address >= begin, Invitation.address < begin + _LAST)
    return wanted if state is None else wanted.where(_stands(state, now))


def find(transaction: Transaction, tenant_id: str, invitation_id: str) -> Invitation:
    """Return an invitation. Raises NotFound."""
    wanted = select(Invitation).where(Invitation.id == invitation_id)
    row = transaction.tenant(tenant_id).scalar(wanted)
    if row is None:
        raise NotFound("There is no such invitation.", detail=f"{invitation_id} in {tenant_id}")
    return row


def _stands(state: State, now: datetime) -> ColumnElement[bool]:
    waits = and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return {
        State.ACCEPTED: Invitation.accepted_at.is_not(None),
        State.REVOKED: and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_not(None)),
        State.OPEN: and_(waits, Invitation.expires_at > now),
        State.EXPIRED: and_(waits, Invitation.expires_at <= now),
    }[state]
