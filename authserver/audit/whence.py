"""When and from where something was done, as mails say it."""

from datetime import datetime

from authserver.audit.events import Actor
from authserver.core.net.browsers import recognise


def whence(actor: Actor, now: datetime) -> dict[str, str]:
    """Return the values that say when and from where something was done."""
    return {
        "address": actor.address,
        "browser": str(recognise(actor.user_agent)),
        "time": written(now),
    }


def written(moment: datetime) -> str:
    """Return a time as mails say it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
