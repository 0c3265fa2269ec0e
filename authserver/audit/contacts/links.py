"""The links that prove a mailbox: issued, looked at, claimed once.

Only the SHA-256 of a token is stored. The URL begins with the tenant's issuer, never with what a
request says of its host (TOP-11). A named platform service: a token names its tenant.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from authserver.audit.contacts.models import ContactLink
from authserver.audit.contacts.values import Organization, Waiting
from authserver.core.clock import Clock
from authserver.core.database.engine import Transaction
from authserver.core.ids import fingerprint, new_id, new_secret
from authserver.core.problems import Problem, TooManyRequests

PATH = "/login/contact/confirm"
LIFE = timedelta(hours=24)
AN_HOUR = 5  # mails with a link: whoever names contacts must not fill a stranger's mailbox
_HOUR = timedelta(hours=1)
_HASHED_AS = "trail_contact_link"


class ContactLinkClosed(Problem):
    """The link is unknown, used, expired or of elsewhere: all the same from outside."""

    code = "link_closed"
    title = "This link is no longer valid"


class ContactLinks:
    """Issues and claims. Whoever claims names the contact in the same transaction."""

    def __init__(self, clock: Clock) -> None:
        """Take the time."""
        self._clock = clock

    def waiting(self, transaction: Transaction, tenant_id: str) -> Waiting | None:
        """Return the mailbox that waits for its link to be used."""
        wanted = select(ContactLink).where(_open(self._clock.now()))
        newest = wanted.order_by(ContactLink.created_at.desc(), ContactLink.id.desc()).limit(1)
        row = transaction.tenant(tenant_id).scalar(newest)
        return Waiting(row.address, row.expires_at) if row else None

    def check_rate(self, transaction: Transaction, tenant_id: str) -> None:
        """Raise TooManyRequests where enough was mailed in the last hour."""
        since = self._clock.now() - _HOUR
        wanted = select(func.count(ContactLink.id), func.min(ContactLink.created_at)).where(
            ContactLink.created_at > since
        )
        sent, first = transaction.tenant(tenant_id).execute(wanted).one()
        if sent >= AN_HOUR:
            wait = int((first - since).total_seconds()) + 1
            raise TooManyRequests(
                "Links were mailed too often in the last hour: look for the last mail.",
                headers={"Retry-After": str(wait)},
            )

    def issue(self, transaction: Transaction, whose: Organization, address: str) -> str:
        """Store a link in the place of those before it; return its URL."""
        self.close(transaction, whose.id)
        token, now = new_secret(), self._clock.now()
        row = ContactLink(
            id=new_id("tcl"),
            tenant_id=whose.id,
            address=address,
            issuer=whose.issuer,
            token_hash=fingerprint(token, _HASHED_AS),
            created_at=now,
            expires_at=now + LIFE,
        )
        session = transaction.tenant(whose.id)
        session.add(row)
        session.flush()
        return f"{whose.issuer}{PATH}?token={token}"

    def find(self, transaction: Transaction, token: str, *, issuer: str) -> ContactLink:
        """Return the row of a link that can be used here and now. Raises ContactLinkClosed."""
        wanted = select(ContactLink).where(
            ContactLink.token_hash == fingerprint(token, _HASHED_AS),
            ContactLink.issuer == issuer,
            _open(self._clock.now()),
        )
        row = transaction.platform().scalar(wanted)
        if row is None:
            raise ContactLinkClosed(detail="unknown, used, expired, closed or of another issuer")
        return row

    def claim(self, transaction: Transaction, row: ContactLink) -> None:
        """Use a link up, and close the tenant's others. Raises ContactLinkClosed."""
        now = self._clock.now()
        claimed = (
            update(ContactLink)
            .where(ContactLink.id == row.id, _open(now))
            .values(used_at=now)
            .returning(ContactLink.id)
            .execution_options(synchronize_session=False)
        )
        if transaction.tenant(row.tenant_id).execute(claimed).first() is None:
            raise ContactLinkClosed(detail="used or closed at the same moment")
        self.close(transaction, row.tenant_id)

    def close(self, transaction: Transaction, tenant_id: str) -> str | None:
        """End the tenant's open links; return the mailbox that waited."""
        now = self._clock.now()
        closed = (
            update(ContactLink)
            .where(_open(now))
            .values(expires_at=now)
            .returning(ContactLink.address)
            .execution_options(synchronize_session=False)
        )
        return transaction.tenant(tenant_id).scalars(closed).first()


def _open(now: datetime) -> ColumnElement[bool]:
    return ContactLink.used_at.is_(None) & (ContactLink.expires_at > now)
