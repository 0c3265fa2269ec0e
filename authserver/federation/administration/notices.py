"""What people are told by mail when a connection of theirs is taken away."""

from dataclasses import replace
from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.whence import written
from authserver.delivery.outbox import Message


def connection_removed(
    user: UserSnapshot, label: str, email: str | None, *, now: datetime
) -> list[Message]:
    """Return the mails to the account's address, and to the provider's if that is another."""
    message = to_person(user, "connection_removed", {"provider": label, "time": written(now)})
    other = email is not None and email.casefold() != user.email.casefold()
    return [message, replace(message, to=email)] if other and email else [message]
