"""What an address that asks for an account is told: by mail, to its owner alone."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor
from authserver.audit.whence import whence, written
from authserver.delivery.outbox import Message
from authserver.links.newcomers import House


def confirm_address(house: House, email: str, *, url: str, until: datetime) -> Message:
    """Return the mail with the link to go on. Nobody knows the person's language yet."""
    return Message(
        tenant_id=house.id,
        user_id=None,
        to=email,
        template="register",
        values={
            "organization": house.name,
            "email": email,
            "link": url,
            "until": written(until),
        },
    )


def account_exists(
    house: House, user: UserSnapshot, *, url: str, actor: Actor, now: datetime
) -> Message:
    """Return the mail that says that there is an account already, and where to sign in."""
    values = {
        "organization": house.name,
        "email": user.email,
        "link": url,
        **whence(actor, now),
    }
    return to_person(user, "account_exists", values)
