"""What administrators are told by mail about endpoints that do not take what is sent."""

from datetime import datetime

from authserver.accounts.directory import UserSnapshot
from authserver.accounts.notices import to_person
from authserver.audit.whence import written
from authserver.delivery.outbox import Message
from authserver.webhooks.policy import Pause


def webhook_paused(user: UserSnapshot, url: str, why: Pause, *, since: datetime) -> Message:
    """Return the mail that says which endpoint is sent nothing, and since when it fails."""
    values = {"url": url, "why": why.value, "time": written(since)}
    return to_person(user, "webhook_paused", values)
