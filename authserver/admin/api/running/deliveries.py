"""/mails and /logouts, of the platform and of a tenant: what waits, what was given up, retries.

Never to whom a mail goes, nor what it says.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select

from authserver.admin.rest.operation import Call, Does, Given, Operation, Reply, Shown, Where
from authserver.admin.rest.paging import Cursors, Page, PageQuery, Rows
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.delivery import queue
from authserver.delivery.models import OutboxMessage
from authserver.delivery.queue import Outbox
from authserver.delivery.retrying import Note
from authserver.oauth.logout import overview
from authserver.oauth.logout.overview import LogoutOverview
from authserver.roles.catalogue import Permission
from authserver.tokens.models import LogoutNotice

_TAG = "deliveries"
_MOST = 100
_Ids = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=_MOST)]
MailState = Literal["waiting", "sending", "failed", "sent"]
LogoutState = Literal["live", "waiting", "sending", "failed", "sent"]


class MailShown(Shown):
    """A mail: which one, how often it was tried and why that failed; not to whom."""

    id: str
    tenant_id: str
    template: str
    state: MailState
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime


class MailPage(Page[MailShown]):
    """A page of mails, the newest first."""


class MailsQuery(PageQuery):
    """Which mails."""

    state: MailState | None = None


class LogoutShown(Shown):
    """A client that is told of the end of a session (OpenID Connect Back-Channel Logout)."""

    id: str
    tenant_id: str
    client_id: str
    session_id: str
    state: LogoutState
    attempts: int
    last_error: str | None
    created_at: datetime
    due_at: datetime | None


class LogoutPage(Page[LogoutShown]):
    """A page of notices, the newest first."""


class LogoutsQuery(PageQuery):
    """Which notices; `live` ones wait for the end of their session."""

    state: LogoutState | None = None


class NewRetry(Given):
    """What is tried again at once; no ids: everything that was given up."""

    ids: _Ids | None = None


class Retried(Shown):
    """What is due now. What was sent, or is being sent, is left alone."""

    ids: tuple[str, ...]


class Deliveries:
    """Operations on what is to be delivered."""

    def __init__(
        self,
        outbox: Outbox,
        logouts: LogoutOverview,
        *,
        trail: Trail,
        clock: Clock,
        cursors: Cursors,
    ) -> None:
        """Take what makes rows due again, where that is recorded, and what makes cursors."""
        self._outbox = outbox
        self._logouts = logouts
        self._trail = trail
        self._clock = clock
        self._cursors = cursors

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked, of the platform and of each tenant."""
        return (*self._of_platform(), *self._of_tenant())

    def _of_platform(self) -> Sequence[Operation]:
        read, write, everywhere = Permission.HEALTH_READ, Permission.TENANTS_WRITE, Where.PLATFORM
        return (
            Operation(
                "GET", "/mails", Does.READ, read, self.list_mails, "List mails of every tenant",
                _TAG, everywhere, query=MailsQuery, shows=MailPage,
            ),
            Operation(
                "POST", "/mails/retry", Does.CHANGE, write, self.retry_mails,
                "Send mails of any tenant again", _TAG, everywhere, body=NewRetry, shows=Retried,
            ),
            Operation(
                "GET", "/logouts", Does.READ, read, self.list_logouts,
                "List notices of sign-outs of every tenant", _TAG, everywhere,
                query=LogoutsQuery, shows=LogoutPage,
            ),
            Operation(
                "POST", "/logouts/retry", Does.CHANGE, write, self.retry_logouts,
                "Tell clients of any tenant again", _TAG, everywhere, body=NewRetry, shows=Retried,
            ),
        )  # fmt: skip

    def _of_tenant(self) -> Sequence[Operation]:
        read, write = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
        one = "/tenants/{tenant_id}"
        return (
            Operation(
                "GET", f"{one}/mails", Does.READ, read, self.list_tenant_mails,
                "List a tenant's mails", _TAG, query=MailsQuery, shows=MailPage,
            ),
            Operation(
                "POST", f"{one}/mails/retry", Does.CHANGE, write, self.retry_tenant_mails,
                "Send mails again", _TAG, body=NewRetry, shows=Retried,
            ),
            Operation(
                "GET", f"{one}/logouts", Does.READ, read, self.list_tenant_logouts,
                "List a tenant's notices of sign-outs", _TAG,
                query=LogoutsQuery, shows=LogoutPage,
            ),
            Operation(
                "POST", f"{one}/logouts/retry", Does.CHANGE, write, self.retry_tenant_logouts,
                "Tell clients again", _TAG, body=NewRetry, shows=Retried,
            ),
        )  # fmt: skip

    def list_mails(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of every tenant's."""
        return self._mails(transaction, call)

    def list_tenant_mails(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of a tenant's."""
        return self._mails(transaction, call)

    def list_logouts(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of every tenant's."""
        return self._notices(transaction, call)

    def list_tenant_logouts(self, transaction: Transaction, call: Call) -> Reply:
        """Return a page of a tenant's."""
        return self._notices(transaction, call)

    def retry_mails(self, transaction: Transaction, call: Call) -> Reply:
        """Make mails of any tenant due."""
        return self._retry_mails(transaction, call)

    def retry_tenant_mails(self, transaction: Transaction, call: Call) -> Reply:
        """Make a tenant's mails due."""
        return self._retry_mails(transaction, call)

    def retry_logouts(self, transaction: Transaction, call: Call) -> Reply:
        """Make notices of any tenant due."""
        return self._retry_notices(transaction, call)

    def retry_tenant_logouts(self, transaction: Transaction, call: Call) -> Reply:
        """Make a tenant's notices due."""
        return self._retry_notices(transaction, call)

    def _mails(self, transaction: Transaction, call: Call) -> Reply:
        now, wanted = self._clock.now(), select(OutboxMessage)
        if call.query.state is not None:
            wanted = wanted.where(queue.state_at(now) == call.query.state)
        tenant_id = call.path.get("tenant_id")
        session = transaction.tenant(tenant_id) if tenant_id else transaction.platform()
        rows = Rows(session, wanted, "mails", backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[OutboxMessage.id], show=lambda row: _mail(row, now)
        )
        return Reply(MailPage(items=items, next_cursor=after))

    def _notices(self, transaction: Transaction, call: Call) -> Reply:
        now, wanted = self._clock.now(), select(LogoutNotice)
        if call.query.state is not None:
            wanted = wanted.where(overview.state_at(now) == call.query.state)
        tenant_id = call.path.get("tenant_id")
        session = transaction.tenant(tenant_id) if tenant_id else transaction.platform()
        rows = Rows(session, wanted, "logouts", backwards=True)
        items, after = self._cursors.page(
            rows, call, by=[LogoutNotice.id], show=lambda row: _notice(row, now)
        )
        return Reply(LogoutPage(items=items, next_cursor=after))

    def _retry_mails(self, transaction: Transaction, call: Call) -> Reply:
        note = self._note(call, EventType.MAIL_RETRIED, "messages")
        where = call.path.get("tenant_id")
        ids = self._outbox.retry_in(transaction, call.body.ids, note, tenant_id=where)
        return Reply(Retried(ids=tuple(ids)))

    def _retry_notices(self, transaction: Transaction, call: Call) -> Reply:
        note = self._note(call, EventType.LOGOUT_RETRIED, "notices")
        where = call.path.get("tenant_id")
        ids = self._logouts.retry_in(transaction, call.body.ids, note, tenant_id=where)
        return Reply(Retried(ids=tuple(ids)))

    def _note(self, call: Call, type_: EventType, name: str) -> Note:
        def note(transaction: Transaction, tenant_id: str, ids: Sequence[str]) -> None:
            event = Event(type_, tenant_id, call.caller.actor, facts={name: list(ids)})
            self._trail.record(transaction, event)

        return note


def _mail(row: OutboxMessage, now: datetime) -> MailShown:
    return MailShown(
        id=row.id,
        tenant_id=row.tenant_id,
        template=row.template,
        state="sent" if row.sent_at else _open_state(row, now),
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        due_at=row.due_at,
    )


def _notice(row: LogoutNotice, now: datetime) -> LogoutShown:
    live = row.due_at is None and row.failed_at is None
    return LogoutShown(
        id=row.id,
        tenant_id=row.tenant_id,
        client_id=row.client_id,
        session_id=row.session_id,
        state="sent" if row.sent_at else "live" if live else _open_state(row, now),
        attempts=row.attempts,
        last_error=row.last_error,
        created_at=row.created_at,
        due_at=row.due_at,
    )


def _open_state(
    row: OutboxMessage | LogoutNotice, now: datetime
) -> Literal["waiting", "sending", "failed"]:
    if row.failed_at is not None:
        return "failed"
    return "sending" if row.claimed_until and row.claimed_until > now else "waiting"
