"""Invitations are made, mailed again, revoked and listed. What accepting does: acceptance.py.

Only the SHA-256 of a token is stored, and nothing but the mail ever says it: whoever administers a
tenant cannot accept in somebody's place (ATK-123).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update

from authserver.accounts.policy import UnfitAccount
from authserver.accounts.service import find_by_email
from authserver.audit.events import Actor, ActorKind, Event, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.net.email import EmailAddress, InvalidEmail, parse_email
from authserver.core.problems import Conflict, NotFound
from authserver.core.values.said import reason, said
from authserver.invitations import notices, policy
from authserver.invitations.inviters import Found, Outside, inviter_now, outside_now
from authserver.invitations.models import Invitation
from authserver.invitations.notices import Mailing
from authserver.invitations.policy import PATH, State, Terms
from authserver.links.newcomers import House, house, tenant_now
from authserver.links.recovery import Tools
from authserver.roles import lookup
from authserver.roles.policy import Grantor, check_grantor
from authserver.roles.service import RoleService
from authserver.tenants.numbers import Numbers

PURPOSE = "invitation"


@dataclass(frozen=True)
class Invite:
    """Who is to be asked into which tenant. Without an inviter, the operator asks.

    `limit` is what the inviter may do by the token at hand, where that is less than they may.
    """

    tenant_id: str
    email: str
    roles: Sequence[str] = ()
    inviter_id: str | None = None
    outside: Outside | None = None
    limit: Grantor | None = None


@dataclass(frozen=True)
class Entry:
    """An invitation as administrators see it: without its link."""

    id: str
    tenant_id: str
    email: str
    roles: tuple[str, ...]
    inviter_id: str | None
    state: State
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


class Invitations:
    """Changes of invitations. The actor is the inviter, or the tenant's operator."""

    def __init__(self, tools: Tools, roles: RoleService, *, numbers: Numbers) -> None:
        """Take what it works with, and what says how long an invitation lives."""
        self._tools = tools
        self._roles = roles
        self._numbers = numbers

    def create(self, transaction: Transaction, invite: Invite, *, actor: Actor) -> Entry:
        """Make an invitation and mail it.

        Raises UnfitAccount, UnknownRole, Refused for roles above the inviter's own, Conflict for
        an address that has an account or an open invitation, and what the entrance refuses with.
        """
        email, now = _address(invite.email), self._tools.clock.now()
        # This locks the tenant: of two invitations to one address, the later one sees the earlier.
        roles = sorted(
            self._roles.check_names(transaction, invite.tenant_id, roles=[*invite.roles])
        )
        if invite.limit is not None:
            check_grantor(invite.limit, "", lookup.known(transaction, invite.tenant_id, roles))
        row = Invitation(
            id=new_id("inv"),
            tenant_id=invite.tenant_id,
            email=email.as_typed,
            address=email.canonical,
            roles=roles,
            inviter_id=invite.inviter_id,
            outside_id=invite.outside.id if invite.outside else None,
            outside_tenant_id=invite.outside.tenant_id if invite.outside else None,
            created_at=now,
        )
        self._check_inviter(transaction, row)
        self._check_free(transaction, invite.tenant_id, email, now=now)
        self._tools.accounts.entrance.admit(transaction, invite.tenant_id, email)
        self._send(transaction, row, now=now)
        self._record(
            transaction, EventType.INVITATION_CREATED, row, actor=actor, facts={"roles": roles}
        )
        return entry(row, now)

    def resend(
        self, transaction: Transaction, tenant_id: str, invitation_id: str, *, actor: Actor
    ) -> Entry:
        """Mail a new link, good for the whole time again; the one of before ends.

        Raises NotFound, Conflict for one that is accepted or revoked or whose address has an
        account by now, Refused where the inviter may not invite any more, and TooManyRequests
        for anybody but the operator right after a mail.
        """
        row, now = self._row(transaction, tenant_id, invitation_id), self._tools.clock.now()
        if terms_of(row).state(now) not in {State.OPEN, State.EXPIRED}:
            raise Conflict("The invitation was accepted or revoked: make a new one.")
        if actor.kind != ActorKind.OPERATOR:
            policy.check_may_mail_again(row.sent_at, now)
        self._roles.check_names(transaction, tenant_id, roles=row.roles)
        self._check_inviter(transaction, row)
        email, more = parse_email(row.email), int(terms_of(row).state(now) is State.EXPIRED)
        self._check_free(transaction, tenant_id, email, now=now, but=row.id)
        self._tools.accounts.entrance.admit(transaction, tenant_id, email, more=more)
        self._send(transaction, row, now=now)
        self._record(transaction, EventType.INVITATION_RESENT, row, actor=actor)
        return entry(row, now)

    def revoke(
        self, transaction: Transaction, tenant_id: str, invitation_id: str, *, actor: Actor
    ) -> Entry:
        """End an invitation. Idempotent. Raises NotFound, or Conflict for an accepted one."""
        row, now = self._row(transaction, tenant_id, invitation_id), self._tools.clock.now()
        revoked = (
            update(Invitation)
            .where(
                Invitation.id == row.id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
            )
            .values(revoked_at=now)
            .returning(Invitation.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(tenant_id).execute(revoked).first() is not None:
            self._record(transaction, EventType.INVITATION_REVOKED, row, actor=actor)
        row = self._row(transaction, tenant_id, invitation_id)
        if row.accepted_at is not None:
            raise Conflict("The invitation was accepted: disable the account instead.")
        return entry(row, now)

    def entries(self, transaction: Transaction, tenant_id: str) -> list[Entry]:
        """Return a tenant's invitations, the newest first."""
        now = self._tools.clock.now()
        wanted = select(Invitation).order_by(Invitation.created_at.desc(), Invitation.id.desc())
        return [entry(row, now) for row in transaction.tenant(tenant_id).scalars(wanted)]

    def _row(self, transaction: Transaction, tenant_id: str, invitation_id: str) -> Invitation:
        wanted = (
            select(Invitation)
            .where(Invitation.id == invitation_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        row = transaction.tenant(tenant_id).scalar(wanted)
        if row is None:
            raise NotFound("There is no such invitation.", detail=f"{invitation_id} in {tenant_id}")
        return row

    def _check_inviter(self, transaction: Transaction, row: Invitation) -> None:
        found = inviter_of(transaction, row, roles=self._roles)
        if found is not None:
            allowed = lookup.known(transaction, row.tenant_id, row.roles)
            policy.check_inviter(found.inviter, allowed)

    def _check_free(
        self,
        transaction: Transaction,
        tenant_id: str,
        email: EmailAddress,
        *,
        now: datetime,
        but: str = "",
    ) -> None:
        if find_by_email(transaction, tenant_id, email.as_typed) is not None:
            raise Conflict("There is an account with this email address already.", field="email")
        wanted = select(Invitation.id).where(
            Invitation.address == email.canonical,
            Invitation.id != but,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        if transaction.tenant(tenant_id).scalar(wanted) is not None:
            raise Conflict(
                "This address is invited already: send that mail again, or revoke it.",
                field="email",
            )

    def _send(self, transaction: Transaction, row: Invitation, *, now: datetime) -> None:
        """Give the row a new token, and mail it in the same transaction."""
        tools, token, here = self._tools, new_secret(), self._house(transaction, row.tenant_id)
        row.issuer = tools.links.issuer_of(transaction, row.tenant_id)
        row.token_hash = fingerprint(token, PURPOSE)
        row.sent_at = now
        row.expires_at = now + self._numbers.of(here.tightened).invitation_life
        session = transaction.tenant(row.tenant_id)
        session.add(row)
        session.flush()
        name = ""
        if (found := inviter_of(transaction, row, roles=self._roles)) is not None:
            name = found.name
        mailing = Mailing(name, f"{row.issuer}{PATH}?token={token}", row.expires_at)
        tools.post(transaction, notices.invitation(here, row.email, mailing))

    def _house(self, transaction: Transaction, tenant_id: str) -> House:
        here = house(tenant_now(transaction, tenant_id))
        if here.suspended:
            raise Conflict("The tenant is suspended: nobody can join it.")
        return here

    def _record(
        self,
        transaction: Transaction,
        event: EventType,
        row: Invitation,
        *,
        actor: Actor,
        facts: dict[str, object] | None = None,
    ) -> None:
        by = replace(actor, principal=actor.principal or row.tenant_id)
        record = Event(event, row.tenant_id, by, resource=f"invitation:{row.id}", facts=facts or {})
        self._tools.trail.record(transaction, record)


def inviter_of(transaction: Transaction, row: Invitation, *, roles: RoleService) -> Found | None:
    """Return who invited, as they are now; None for the operator."""
    if row.outside_id is not None:
        outside = Outside(row.outside_id, row.outside_tenant_id or "")
        return outside_now(transaction, row.tenant_id, outside, roles=roles)
    if row.inviter_id is None:
        return None
    return inviter_now(transaction, row.tenant_id, row.inviter_id, roles=roles)


def terms_of(row: Invitation) -> Terms:
    """Return what an invitation is bound to."""
    return Terms(
        issuer=row.issuer,
        address=row.address,
        roles=tuple(row.roles),
        expires_at=row.expires_at,
        accepted=row.accepted_at is not None,
        revoked=row.revoked_at is not None,
    )


def entry(row: Invitation, now: datetime) -> Entry:
    """Return an invitation as administrators see it."""
    return Entry(
        id=row.id,
        tenant_id=row.tenant_id,
        email=row.email,
        roles=tuple(row.roles),
        inviter_id=row.inviter_id or row.outside_id,
        state=terms_of(row).state(now),
        created_at=row.created_at,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
    )


def _address(email: str) -> EmailAddress:
    try:
        return parse_email(email)
    except InvalidEmail as error:
        raise UnfitAccount(
            said("The email address is not usable: %(why)s.", why=reason(error)), field="email"
        ) from error
