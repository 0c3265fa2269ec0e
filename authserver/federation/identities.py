"""The identities of a person: shown, linked, unlinked. Each link and its end is told by mail.

A link is a row that is made and deleted, and never pointed at anybody else (ATK-015).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, delete, or_, select
from sqlalchemy.exc import IntegrityError

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.models import User
from authserver.accounts.standing import hold_open, move_on
from authserver.audit.events import Actor, EventType
from authserver.core.database.engine import Transaction
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound, Refused
from authserver.federation import connections, notices
from authserver.federation.connectors.base import Answer
from authserver.federation.models import PLATFORM, FederatedIdentity
from authserver.federation.notices import Link
from authserver.federation.policy import WaysIn
from authserver.federation.tokens.vault import Vault
from authserver.federation.values import Connection, Kind
from authserver.mfa.notices import Reports
from authserver.passkeys import credentials
from authserver.registration.service import locked

_Row = FederatedIdentity


class LastWayIn(Conflict):
    """Without this identity nobody could sign in to the account."""

    code = "last_way_in"
    title = "The last way to sign in stays"


@dataclass(frozen=True)
class Linked:
    """An identity that signs a person in, as pages show it."""

    id: str
    connection_id: str
    connection_label: str
    kind: Kind
    label: str
    created_at: datetime
    last_used_at: datetime | None


class Identities:
    """Links people to those whom providers know. Part of somebody else's job: commits nothing."""

    def __init__(self, reports: Reports, vault: Vault) -> None:
        """Take what tells the trail and the person, and what keeps the providers' tokens."""
        self._reports = reports
        self._vault = vault

    def of_person(self, transaction: Transaction, user: UserSnapshot) -> list[Linked]:
        """Return the person's identities, the oldest first."""
        wanted = select(_Row).where(_Row.user_id == user.id).order_by(_Row.created_at, _Row.id)
        found = []
        for row in transaction.tenant(user.tenant_id).scalars(wanted):
            connection = connections.find(transaction, row.connection_id)
            if connection is None:
                raise LookupError(f"{row.id} is of no connection")
            found.append(_shown(row, connection))
        return found

    def link(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        answer: Answer,
        *,
        connection: Connection,
        by: Actor,
    ) -> str:
        """Link an identity to the account of somebody who is signed in; return the link's id.

        `connection` is read anew. Raises Conflict where the identity is somebody else's, or the
        account has another one of this connection; Refused where the connection is closed, or not
        for this tenant's people.
        """
        now_held = connections.held(transaction, connection.id)
        if now_held is None or not now_held.enabled:
            raise Refused("This way to sign in is switched off.", detail="connection closed")
        if not connections.admits(transaction, user.tenant_id, now_held):
            raise Refused("This is no way to sign in to your account.", detail="not admitted")
        return self.join(transaction, user, answer, connection=now_held, by=by, how="signed_in")

    def join(
        self,
        transaction: Transaction,
        user: UserSnapshot,
        answer: Answer,
        *,
        connection: Connection,
        by: Actor,
        how: str,
    ) -> str:
        """Write the link; that it may be is decided, and the connection held. Raises Conflict.

        `how` stands in the trail.
        """
        user, identity = hold_open(transaction, user), answer.identity
        if user.home_user_id is not None:
            raise Conflict("A guest account signs in where it is at home.", detail="guest")
        now = self._reports.clock.now()
        proved = identity.email if identity.email_verified else None
        row = FederatedIdentity(
            id=new_id("fid"),
            user_id=user.id,
            connection_owner=connection.tenant_id or PLATFORM,
            connection_id=connection.id,
            issuer=identity.issuer,
            subject=identity.subject,
            label=identity.shown,
            email=proved.as_typed if proved else None,
            created_at=now,
            last_used_at=None,
        )
        # Whoever makes an account for this very identity meets us here: one of both comes first.
        locked(transaction, user.tenant_id)
        _insert(transaction, user, row)
        self._reports.record(
            transaction,
            EventType.IDENTITY_LINKED,
            user,
            by=by,
            resource=f"identity:{row.id}",
            facts={"connection": connection.id, "how": how},
        )
        self.keep_tokens(transaction, row.id, user, answer=answer, connection=connection)
        about = Link(connection.label, row.label, row.email)
        for message in notices.linked(user, about, by, now=now):
            self._reports.send(transaction, message)
        return row.id

    def keep_tokens(
        self,
        transaction: Transaction,
        identity_id: str,
        user: UserSnapshot,
        *,
        answer: Answer,
        connection: Connection,
    ) -> None:
        """Keep what the provider gave for its own APIs, where the connection is to."""
        if connection.keeps_tokens:
            now = self._reports.clock.now()
            self._vault.keep(transaction, identity_id, user, tokens=answer.tokens, now=now)

    def may_unlink(self, transaction: Transaction, user: UserSnapshot, identity_id: str) -> bool:
        """Tell whether an identity may go: whether anything else opens the account now."""
        others = [one for one in self.of_person(transaction, user) if one.id != identity_id]
        ways = WaysIn(
            password=self._has_password(transaction, user),
            passkeys=len(credentials.ours_of(transaction, user)),
            identities=sum(_signs_in(transaction, user, one.connection_id) for one in others),
        )
        return ways.any

    def unlink(
        self, transaction: Transaction, user: UserSnapshot, identity_id: str, *, by: Actor
    ) -> UserSnapshot:
        """Take a link away and mail both addresses; return the account with its new epoch.

        Everything that is signed in ends: the caller lets its own session go on. Raises NotFound,
        or LastWayIn where nothing else opens the account, Refused.
        """
        user = hold_open(transaction, user)
        session = transaction.tenant(user.tenant_id)
        row = session.scalar(select(_Row).where(_Row.id == identity_id, _Row.user_id == user.id))
        connection = connections.find(transaction, row.connection_id) if row else None
        if row is None or connection is None:
            raise NotFound("There is no such linked sign-in.", detail=identity_id)
        if not self.may_unlink(transaction, user, identity_id):
            raise LastWayIn("Nothing else opens the account: add another way to sign in first.")
        about = Link(connection.label, row.label, row.email)
        session.execute(_mine(user).where(_Row.id == identity_id))
        moved = move_on(transaction, user)
        self._reports.record(
            transaction,
            EventType.IDENTITY_UNLINKED,
            moved,
            by=by,
            resource=f"identity:{identity_id}",
            facts={"connection": connection.id},
        )
        for message in notices.unlinked(moved, about, by, now=self._reports.clock.now()):
            self._reports.send(transaction, message)
        return moved

    def forget_all(self, transaction: Transaction, user: UserSnapshot) -> int:
        """Take every link away, with the provider's tokens; return how many there were."""
        return forget_all(transaction, user)

    def _has_password(self, transaction: Transaction, user: UserSnapshot) -> bool:
        """Tell whether there is a password that opens the account now."""
        wanted = select(User.id).where(
            User.id == user.id,
            User.password_hash.is_not(None),
            ~User.password_reset_required,
            or_(
                User.password_expires_at.is_(None),
                User.password_expires_at > self._reports.clock.now(),
            ),
        )
        return transaction.tenant(user.tenant_id).scalar(wanted) is not None


def forget_all(transaction: Transaction, user: UserSnapshot) -> int:
    """Take every link of an account away, with the provider's tokens; return how many there were.

    For the first proof of an address, which has the person's row held (decision 0017).
    """
    gone = transaction.tenant(user.tenant_id).scalars(_mine(user).returning(_Row.id)).all()
    return len(gone)


def _mine(user: UserSnapshot) -> Delete:
    return delete(_Row).where(_Row.user_id == user.id).execution_options(synchronize_session=False)


def _insert(transaction: Transaction, user: UserSnapshot, row: FederatedIdentity) -> None:
    """Add the row; what is linked already shows in the unique constraints."""
    session = transaction.tenant(user.tenant_id)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(
            "It is linked to somebody already, or your account has another one of the same kind.",
            detail="identity or connection is linked already",
        ) from error


def _signs_in(transaction: Transaction, user: UserSnapshot, connection_id: str) -> bool:
    connection = connections.find(transaction, connection_id)
    if connection is None or not connection.enabled or connection.link_only:
        return False
    return connections.admits(transaction, user.tenant_id, connection)


def _shown(row: FederatedIdentity, connection: Connection) -> Linked:
    return Linked(
        id=row.id,
        connection_id=connection.id,
        connection_label=connection.label,
        kind=connection.kind,
        label=row.label,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
