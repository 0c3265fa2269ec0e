"""What people are told by mail about the providers they sign in by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.events import Actor
from authserver.audit.whence import whence
from authserver.core.net.email import parse_email
from authserver.delivery.outbox import Message


@dataclass(frozen=True)
class Link:
    """A link as mails name it: the provider's button, and what it calls the person there.

    `email` is an address that the provider has verified, if there is one.
    """

    provider: str
    label: str
    email: str | None


def linked(user: UserSnapshot, link: Link, by: Actor, *, now: datetime) -> Sequence[Message]:
    """Return the mails that say that an account can be opened by a provider from now on."""
    return _both(user, "identity_linked", link, by=by, now=now)


def unlinked(user: UserSnapshot, link: Link, by: Actor, *, now: datetime) -> Sequence[Message]:
    """Return the mails that say that it cannot any more."""
    return _both(user, "identity_unlinked", link, by=by, now=now)


def _both(
    user: UserSnapshot, template: str, link: Link, *, by: Actor, now: datetime
) -> Sequence[Message]:
    """Address the account's address, and the provider's if it is another (TOP-01).

    The second says neither from where it was done nor how the person is called here: it may be
    somebody else's by now.
    """
    about = {"provider": link.provider, "label": link.label, "account": user.email}
    first = to_person(user, template, {**about, **whence(by, now)})
    if link.email is None or _same(link.email, user.email):
        return (first,)
    elsewhere = {**first.values, "name": "", "address": "", "browser": ""}
    return first, replace(first, to=link.email, template=f"{template}_there", values=elsewhere)


def _same(one: str, other: str) -> bool:
    return parse_email(one).canonical == parse_email(other).canonical
