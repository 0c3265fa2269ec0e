"""What administrators are told by mail about secrets that end."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.whence import written
from authserver.delivery.outbox import Message


def secret_ends(user: UserSnapshot, client: str, *, at: datetime) -> Message:
    """Return the mail that says which client soon has no secret any more."""
    return to_person(user, "client_secret_ends", {"client": client, "time": written(at)})
