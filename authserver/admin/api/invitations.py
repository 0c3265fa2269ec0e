"""/tenants/{tenant_id}/invitations: people who are asked in by mail. No answer holds a link."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from pydantic import Field

from authserver.admin.api.people.shown import Roles
from authserver.admin.caller import Caller
from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.invitations.inviters import Outside
from authserver.invitations.listing import find, query_of
from authserver.invitations.models import Invitation
from authserver.invitations.policy import State
from authserver.invitations.service import Entry, Invitations, Invite, entry
from authserver.roles.catalogue import Permission

_LIST = "invitations"


class InvitationShown(Shown):
    """An invitation. `inviter_id` is a person or a client; null, the operator."""

    id: str
    email: str
    roles: tuple[str, ...]
    inviter_id: str | None
    state: State
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


class InvitationPage(Page[InvitationShown]):
    """A page of invitations."""


class InvitationsQuery(PageQuery):
    """Which invitations. `q` is how the address begins."""

    q: Annotated[str | None, Field(max_length=254)] = None
    state: Annotated[State | None, Field(strict=False)] = None


class NewInvitation(Given):
    """Whom to ask, and with which roles: none that the caller does not hold."""

    email: Annotated[str, Field(max_length=254)]
    roles: Roles = Field(default_factory=list)


class InvitationsApi:
    """Operations on invitations."""

    def __init__(self, invitations: Invitations, cursors: Cursors, clock: Clock) -> None:
        """Take what changes them, what makes cursors, and the time."""
        self._invitations = invitations
        self._cursors = cursors
        self._clock = clock

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        read, write = Permission.USERS_READ, Permission.USERS_WRITE
        many = "/tenants/{tenant_id}/invitations"
        one = many + "/{invitation_id}"
        return (
            Operation(
                "GET", many, Does.READ, read, self.list_invitations, "List invitations", _LIST,
                query=InvitationsQuery, shows=InvitationPage,
            ),
            Operation(
                "POST", many, Does.CREATE, write, self.create_invitation,
                "Ask somebody in by mail", _LIST, body=NewInvitation, shows=InvitationShown,
            ),
            Operation(
                "GET", one, Does.READ, read, self.read_invitation, "Read an invitation", _LIST,
                shows=InvitationShown,
            ),
            Operation(
                "POST", f"{one}/resend", Does.CHANGE, write, self.resend_invitation,
                "Mail a new link; the one of before ends", _LIST, shows=InvitationShown,
            ),
            Operation(
                "POST", f"{one}/revoke", Does.CHANGE, write, self.revoke_invitation,
                "Take an invitation back", _LIST, shows=InvitationShown,
            ),
        )  # fmt: skip

    def list_invitations(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page, the newest first."""
        query: InvitationsQuery = call.query
        now = self._clock.now()
        wanted = query_of(query.q, query.state, now)
        rows = Rows(transaction.tenant(call.path["tenant_id"]), wanted, _LIST, backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[Invitation.id], show=lambda row: _shown(entry(row, now))
        )
        return Reply(InvitationPage(items=items, next_cursor=after))

    def create_invitation(self, transaction: Transaction, call: Call) -> Reply:
        """Ask somebody in."""
        new: NewInvitation = call.body
        tenant_id = call.path["tenant_id"]
        inside, outside = _inviter(call.caller, tenant_id)
        invite = Invite(tenant_id, new.email, new.roles, inside, outside, limit=call.caller.grantor)
        made = self._invitations.create(transaction, invite, actor=call.caller.actor)
        return Reply(_shown(made), location=f"/tenants/{tenant_id}/invitations/{made.id}")

    def read_invitation(self, transaction: Transaction, call: Call) -> Reply:
        """Return an invitation."""
        row = find(transaction, call.path["tenant_id"], call.path["invitation_id"])
        return Reply(_shown(entry(row, self._clock.now())))

    def resend_invitation(self, transaction: Transaction, call: Call) -> Reply:
        """Mail it again."""
        again = self._invitations.resend(
            transaction,
            call.path["tenant_id"],
            call.path["invitation_id"],
            actor=call.caller.actor,
        )
        return Reply(_shown(again))

    def revoke_invitation(self, transaction: Transaction, call: Call) -> Reply:
        """Take it back."""
        over = self._invitations.revoke(
            transaction,
            call.path["tenant_id"],
            call.path["invitation_id"],
            actor=call.caller.actor,
        )
        return Reply(_shown(over))


def _inviter(caller: Caller, tenant_id: str) -> tuple[str | None, Outside | None]:
    """Return who invites: a person of the tenant, or somebody else by id and own tenant."""
    if caller.kind == "user" and caller.tenant_id == tenant_id:
        return caller.id, None
    return None, Outside(caller.id, caller.tenant_id)


def _shown(one: Entry) -> InvitationShown:
    return InvitationShown(
        id=one.id,
        email=one.email,
        roles=one.roles,
        inviter_id=one.inviter_id,
        state=one.state,
        created_at=one.created_at,
        sent_at=one.sent_at,
        expires_at=one.expires_at,
    )
