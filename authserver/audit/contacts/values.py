"""A tenant's security contact as it stands, and what is known of the tenant for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from authserver.core.database.engine import Transaction


@dataclass(frozen=True)
class Waiting:
    """A mailbox that becomes the contact once the link in its mail is used, and until when."""

    address: str
    until: datetime


@dataclass(frozen=True)
class Contact:
    """Where a tenant's checkpoints go, None for nowhere, and the last one that did."""

    address: str | None = None
    told_at: datetime | None = None
    checkpoint: int | None = None
    waiting: Waiting | None = None


@dataclass(frozen=True)
class Organization:
    """A tenant as its contact hears of it: `issuer` is the URL that links to its pages begin with.

    `suspended`: whether nothing of it is changed for now.
    """

    id: str
    slug: str
    name: str
    issuer: str
    suspended: bool


class Organizations(Protocol):
    """Finds a tenant. Locked, nobody else changes its contact until the job is done."""

    def __call__(
        self, transaction: Transaction, tenant_id: str, *, lock: bool = False
    ) -> Organization:
        """Return it. Raises LookupError where there is none."""
