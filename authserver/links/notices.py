"""The mails that carry links, and the values their templates need."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import describe_browser
from authserver.audit.events import Actor
from authserver.delivery.outbox import Message
from authserver.links.service import Account, Issued


def new_password(account: Account, link: Issued, *, actor: Actor, now: datetime) -> Message:
    """Return the mail with the link to choose a new password, and who asked for it from where."""
    values = {
        "organization": account.tenant_name,
        "email": account.user.email,
        "link": link.url,
        "until": _written(link.expires_at),
        "address": actor.address,
        "browser": describe_browser(actor.user_agent),
        "time": _written(now),
    }
    return _to(account.user, "new_password", values)


def verify_email(account: Account, link: Issued) -> Message:
    """Return the mail with the link to prove that the address is the person's."""
    values = {
        "organization": account.tenant_name,
        "email": account.user.email,
        "link": link.url,
        "until": _written(link.expires_at),
    }
    return _to(account.user, "verify_email", values)


def _to(user: UserSnapshot, template: str, values: dict[str, str]) -> Message:
    """Address a mail to the stored address, whatever was typed (ATK-147)."""
    return Message(
        tenant_id=user.tenant_id,
        user_id=user.id,
        to=user.email,
        template=template,
        locale=user.locale,
        values={"name": user.name, **values},
    )


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
