"""The mail that invites."""

from dataclasses import dataclass
from datetime import datetime

from authserver.audit.whence import written
from authserver.delivery.outbox import Message
from authserver.links.newcomers import House


@dataclass(frozen=True)
class Mailing:
    """What the mail says, beside where to: who asks, empty for the operator, and the link."""

    inviter: str
    url: str
    expires_at: datetime


def invitation(house: House, email: str, mailing: Mailing) -> Message:
    """Return the mail with the link. Nobody knows the person's language: the tenant's holds."""
    return Message(
        tenant_id=house.id,
        user_id=None,
        to=email,
        template="invitation",
        values={
            "organization": house.name,
            "email": email,
            "inviter": mailing.inviter,
            "link": mailing.url,
            "until": written(mailing.expires_at),
        },
    )
