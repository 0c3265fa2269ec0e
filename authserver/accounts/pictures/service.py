"""Pictures are kept, replaced, taken away and found.

A picture's id is 256 random bits, new with each picture: who was given the URL, by the page or by
the `picture` claim, may see it, and nobody else finds it. A named platform service: the id names
its tenant.
"""

from sqlalchemy import delete, select

from authserver.accounts.models import Picture, User
from authserver.audit.events import Actor, Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.ids import new_secret
from authserver.core.images import making
from authserver.tenants.models import Tenant


class Pictures:
    """Keeps one picture of each person."""

    def __init__(self, database: Database, *, trail: Trail, clock: Clock) -> None:
        """Take what it reads, writes and records with."""
        self._database = database
        self._trail = trail
        self._clock = clock

    def change(self, tenant_id: str, user_id: str, data: bytes, *, actor: Actor) -> None:
        """Make a picture of an uploaded file and keep it in place of the one before.

        Raises UnfitPicture, or Unavailable while too many are made.
        """
        made = making.make(data)

        def job(transaction: Transaction) -> None:
            user = _locked(transaction, tenant_id, user_id)
            self._forget(transaction, user)
            user.picture_id = new_secret()
            row = Picture(
                id=user.picture_id, user_id=user.id, image=made, created_at=self._clock.now()
            )
            transaction.tenant(tenant_id).add(row)
            self._record(transaction, EventType.PICTURE_CHANGED, user, by=actor)

        self._database.write(job)

    def remove(self, tenant_id: str, user_id: str, *, actor: Actor) -> bool:
        """Take the picture away; False if there was none."""

        def job(transaction: Transaction) -> bool:
            user = _locked(transaction, tenant_id, user_id)
            if user.picture_id is None:
                return False
            self._forget(transaction, user)
            user.picture_id = None
            self._record(transaction, EventType.PICTURE_REMOVED, user, by=actor)
            return True

        return self._database.write(job)

    def find(self, picture_id: str, *, tenant_id: str | None) -> bytes | None:
        """Return a picture, of one tenant where one is named, if its account may be used."""
        wanted = (
            select(Picture.image)
            .join(User, User.picture_id == Picture.id)
            .join(Tenant, Tenant.id == User.tenant_id)
            .where(
                Picture.id == picture_id, User.disabled_at.is_(None), Tenant.suspended_at.is_(None)
            )
        )
        if tenant_id is not None:
            wanted = wanted.where(Picture.tenant_id == tenant_id)
        with self._database.read() as view:
            return view.platform().scalar(wanted)

    def _forget(self, transaction: Transaction, user: User) -> None:
        user.updated_at = self._clock.now()
        gone = delete(Picture).where(Picture.user_id == user.id)
        transaction.tenant(user.tenant_id).execute(gone)

    def _record(self, transaction: Transaction, event: EventType, user: User, *, by: Actor) -> None:
        transaction.tenant(user.tenant_id).flush()
        self._trail.record(transaction, Event(event, user.tenant_id, by, subject=user.id))


def _locked(transaction: Transaction, tenant_id: str, user_id: str) -> User:
    """Return the account's row, held until the end: of two uploads, the later one counts."""
    wanted = select(User).where(User.id == user_id).with_for_update(of=User)
    return transaction.tenant(tenant_id).scalars(wanted).one()
