"""Who may invite, and when an invitation can be accepted. Values in, decision out.

Everything is asked when it is made and again when it is accepted: who invited may have lost the
right since (TOP-12).
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authserver.core.problems import Problem, Refused, TooManyRequests
from authserver.roles.catalogue import Permission
from authserver.roles.policy import Grantor, Roles, check_grantor, check_tenant_type

PATH = "/login/invitation"
# Whoever may invite must not be able to fill somebody's mailbox.
BETWEEN_MAILS = timedelta(minutes=5)


class State(StrEnum):
    """How an invitation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Terms:
    """What an invitation is bound to, and what became of it."""

    issuer: str
    address: str
    roles: tuple[str, ...]
    expires_at: datetime
    accepted: bool
    revoked: bool

    def state(self, now: datetime) -> State:
        """Return how it stands at a moment."""
        if self.accepted:
            return State.ACCEPTED
        if self.revoked:
            return State.REVOKED
        return State.OPEN if now < self.expires_at else State.EXPIRED


@dataclass(frozen=True)
class Inviter:
    """The account that invited, as it is now."""

    user_id: str
    enabled: bool
    permissions: AbstractSet[Permission]


class Refusal(StrEnum):
    """Why an invitation cannot be accepted: for the trail alone."""

    NOT_OPEN = "not_open"
    ELSEWHERE = "another_issuer"
    TENANT_SUSPENDED = "tenant_suspended"
    ROLE_GONE = "role_gone"
    INVITER_MAY_NOT = "inviter_may_not"
    TAKEN = "address_taken"


@dataclass(frozen=True)
class Present:
    """Where and when an invitation is looked at, and how its tenant and its inviter are now.

    `roles` are those of the invitation that there still are. Without an inviter, the operator
    invited.
    """

    issuer: str
    now: datetime
    suspended: bool
    tenant_type: str
    taken: bool
    roles: Roles
    inviter: Inviter | None


def refusal(terms: Terms, present: Present) -> Refusal | None:
    """Return why the invitation cannot be accepted, None if it can."""
    reasons = (
        (terms.state(present.now) is not State.OPEN, Refusal.NOT_OPEN),
        (terms.issuer != present.issuer, Refusal.ELSEWHERE),
        (present.suspended, Refusal.TENANT_SUSPENDED),
        (not present.roles.keys() >= set(terms.roles), Refusal.ROLE_GONE),
        (not _may_invite(present.inviter, present.roles), Refusal.INVITER_MAY_NOT),
        (not _fit_the_tenant(terms.roles, present.tenant_type), Refusal.ROLE_GONE),
        (present.taken, Refusal.TAKEN),
    )
    return next((reason for applies, reason in reasons if applies), None)


def check_inviter(inviter: Inviter, roles: Roles) -> None:
    """Raise Refused unless somebody may ask people in, and give each of these roles."""
    if not inviter.enabled:
        raise Refused("Who invites must have an account that is enabled.")
    if Permission.USERS_WRITE not in inviter.permissions:
        raise Refused("Who invites must be allowed to change people (users:write).")
    check_grantor(Grantor(inviter.user_id, inviter.permissions), "", roles)


def check_may_mail_again(sent_at: datetime, now: datetime) -> None:
    """Raise TooManyRequests right after a mail."""
    if now - sent_at < BETWEEN_MAILS:
        wait = int((sent_at + BETWEEN_MAILS - now).total_seconds()) + 1
        raise TooManyRequests(
            "The invitation was mailed just now: wait some minutes.",
            headers={"Retry-After": str(wait)},
        )


@dataclass(frozen=True)
class Home:
    """The account of another tenant through which somebody wants to come as a guest."""

    tenant_id: str
    address: str
    verified: bool
    guest: bool
    closed: bool


def may_be_home(home: Home, *, tenant_id: str, address: str) -> bool:
    """Tell whether an invitation of a tenant to an address is one to this account, too."""
    return (
        home.verified
        and not home.guest
        and not home.closed
        and home.tenant_id != tenant_id
        and home.address == address
    )


def _may_invite(inviter: Inviter | None, roles: Roles) -> bool:
    if inviter is None:
        return True
    try:
        check_inviter(inviter, roles)
    except Problem:
        return False
    return True


def _fit_the_tenant(roles: Iterable[str], tenant_type: str) -> bool:
    try:
        check_tenant_type(roles, tenant_type)
    except Problem:
        return False
    return True
