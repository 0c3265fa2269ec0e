"""The mails that carry links, and the values their templates need."""

from datetime import datetime

from authserver.accounts.notices import to_person, whence, written
from authserver.audit.events import Actor
from authserver.delivery.outbox import Message
from authserver.links.service import Account, Issued


def new_password(account: Account, link: Issued, *, actor: Actor, now: datetime) -> Message:
    """Return the mail with the link to choose a new password, and who asked for it from where."""
    values = {
        "organization": account.tenant_name,
        "email": account.user.email,
        "link": link.url,
        "until": written(link.expires_at),
        **whence(actor, now),
    }
    return to_person(account.user, "new_password", values)


def verify_email(account: Account, link: Issued) -> Message:
    """Return the mail with the link to prove that the address is the person's."""
    values = {
        "organization": account.tenant_name,
        "email": account.user.email,
        "link": link.url,
        "until": written(link.expires_at),
    }
    return to_person(account.user, "verify_email", values)
