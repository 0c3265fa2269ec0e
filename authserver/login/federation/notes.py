"""Why somebody is back from a provider without having signed in: said once, on the sign-in page.

The note travels in the flow cookie, which is signed: no link can make the page say anything.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask import request, session
from flask_babel import gettext as _

from authserver.core import log, web
from authserver.federation.connectors.base import CannotAskAnew, UpstreamDown
from authserver.federation.values import Connection

_logger = log.get("federation")
_NOTE = "upstream"  # a key of the flow cookie


class Reason(StrEnum):
    """Why it came to nothing."""

    CANCELLED = "cancelled"
    DOWN = "down"
    REFUSED = "refused"
    CLOSED = "closed"
    NOT_ANEW = "not_anew"
    TAKEN = "taken"


@dataclass(frozen=True)
class Note:
    """What the sign-in page says, and the reference of the request that it is about."""

    text: str
    reference: str
    is_error: bool


def reason_of(down: UpstreamDown) -> Reason:
    """Return why nobody was sent away."""
    return Reason.NOT_ANEW if isinstance(down, CannotAskAnew) else Reason.DOWN


def record(reason: Reason, connection_id: str, *, detail: str) -> None:
    """Put into the log why a way through a provider ended; the detail goes nowhere else."""
    _logger.info(
        "upstream",
        code=reason.value,
        connection=connection_id,
        detail=detail,
        correlation_id=request.environ[web.CORRELATION_ID],
    )


def note_of(reason: Reason, connection: Connection) -> Note:
    """Return what is said about this very request."""
    return _note(reason, connection.label, request.environ[web.CORRELATION_ID])


def connecting(reason: Reason | None, connection: Connection) -> Note:
    """Return what is said to who is signed in and connected it, or wanted to; None: it is done."""
    text = {
        None: _("%(provider)s is connected to your account now."),
        Reason.CANCELLED: _("You did not go on with %(provider)s. Nothing was changed."),
        Reason.DOWN: _("%(provider)s cannot be reached right now. Try again in a few minutes."),
        Reason.CLOSED: _("%(provider)s is switched off here. Nothing was changed."),
        Reason.TAKEN: _(
            "This account of %(provider)s is connected already, to somebody else or instead of"
            " another one of yours. Nothing was changed."
        ),
    }.get(reason)
    text = text or _("This account of %(provider)s cannot be connected to yours.")
    reference = request.environ[web.CORRELATION_ID]
    is_error = reason not in {None, Reason.CANCELLED}
    return Note(text % {"provider": connection.label}, reference, is_error=is_error)


def leave(reason: Reason, connection: Connection) -> None:
    """Let the sign-in page say it, the next time that this browser sees it."""
    session[_NOTE] = [reason.value, connection.label, request.environ[web.CORRELATION_ID]]


def take() -> Note | None:
    """Return what was left for this browser, once."""
    left = session.pop(_NOTE, None)
    return _note(Reason(left[0]), left[1], left[2]) if left else None


def _note(reason: Reason, label: str, reference: str) -> Note:
    text = {
        Reason.CANCELLED: _("You did not go on with %(provider)s. Nothing was changed."),
        Reason.DOWN: _(
            "%(provider)s cannot be reached right now. Sign in another way, or try again in a few"
            " minutes."
        ),
        Reason.REFUSED: _(
            "You cannot sign in here with this account of %(provider)s. Use another one, or sign"
            " in another way."
        ),
        Reason.CLOSED: _("%(provider)s is switched off here. Sign in another way."),
        Reason.NOT_ANEW: _(
            "%(provider)s never asks again who you are, and that is wanted here. Sign in another"
            " way; if you have no password yet, get one by the link below."
        ),
    }[reason]
    return Note(text % {"provider": label}, reference, is_error=reason is not Reason.CANCELLED)
