"""The mails that carry links, and the values their templates need."""

from dataclasses import replace
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor
from authserver.audit.whence import whence, written
from authserver.delivery.outbox import Message
from authserver.links.service import Account, Issued


def new_password(account: Account, link: Issued, *, actor: Actor, now: datetime) -> Message:
    """Return the mail with the link to choose a new password, and who asked for it from where."""
    values = {**_about(account, link), **whence(actor, now)}
    return to_person(account.user, "new_password", values)


def new_password_by_operator(account: Account, link: Issued) -> Message:
    """Return the mail with the same link, for which an administrator asked."""
    return to_person(account.user, "new_password_by_operator", _about(account, link))


def verify_email(account: Account, link: Issued) -> Message:
    """Return the mail with the link to prove that the address is the person's."""
    return to_person(account.user, "verify_email", _about(account, link))


def confirm_new_address(account: Account, link: Issued, new_email: str) -> Message:
    """Return the mail to a new address with the link by which the account gets it."""
    values = {
        **_about(account, link),
        "new_email": new_email,
        "first": "" if account.verified else "yes",
    }
    return replace(to_person(account.user, "confirm_new_address", values), to=new_email)


def address_will_change(
    account: Account, link: Issued, new_email: str, *, actor: Actor, now: datetime
) -> Message:
    """Return the mail to the present address about a change that waits, with the way to stop it.

    A mailbox that nobody has proved may be a stranger's: it does not learn the new address.
    """
    values = {
        **_about(account, link),
        "new_email": new_email if account.verified else "",
        **whence(actor, now),
    }
    return to_person(account.user, "address_will_change", values)


def address_wanted(owner: UserSnapshot, account: Account) -> Message:
    """Return the mail to somebody whose address another account of the tenant asked for."""
    values = {"organization": account.tenant_name, "email": owner.email}
    return to_person(owner, "address_wanted", values)


def address_changed(
    account: Account, changed: UserSnapshot, *, actor: Actor, now: datetime
) -> tuple[Message, Message]:
    """Return the mails to the address before and to the new one."""
    values = {
        "organization": account.tenant_name,
        "email": account.user.email,
        "new_email": changed.email,
        **whence(actor, now),
    }
    before = values if account.verified else {**values, "new_email": ""}
    return (
        to_person(account.user, "address_changed", before),
        to_person(changed, "address_changed", values),
    )


def _about(account: Account, link: Issued) -> dict[str, str]:
    return {
        "organization": account.tenant_name,
        "email": account.user.email,
        "link": link.url,
        "until": written(link.expires_at),
    }
