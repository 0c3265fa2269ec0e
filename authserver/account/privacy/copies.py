"""The person's copies of their own data: asked for here, fetched at /account/privacy/export."""

from dataclasses import dataclass

from flask_babel import gettext as _

from authserver.account.access import Visitor
from authserver.account.views import Moment, moment
from authserver.audit.events import ActorKind
from authserver.core.database.engine import Database
from authserver.jobs.values import Begun
from authserver.privacy.exports.service import Exports, Person
from authserver.privacy.exports.values import Copy, Standing


@dataclass(frozen=True)
class CopyView:
    """The latest copy: how it stands, in words, and until when its link works."""

    standing: str
    words: str
    asked: Moment
    ends: Moment | None


class OwnCopies:
    """Knows the copies of whoever visits the page."""

    def __init__(self, database: Database, exports: Exports) -> None:
        """Take what gives copies out."""
        self._database = database
        self._exports = exports

    def latest(self, who: Visitor) -> CopyView | None:
        """Return the latest copy, if one was asked for in the last month."""
        with self._database.read() as view:
            found = self._exports.of_person(view, _person(who))
        return _view(found[0]) if found else None

    def ask(self, who: Visitor) -> None:
        """Have a copy made. Raises Conflict while one is being made."""
        begun = Begun(ActorKind.USER, who.id, who.tenant_id, who.actor.correlation_id)
        self._database.write(
            lambda transaction: self._exports.ask(transaction, _person(who), begun, actor=who.actor)
        )

    def check(self, who: Visitor, token: str) -> None:
        """Raise NotFound unless the link opens a copy of this very account."""
        with self._database.read() as view:
            self._exports.look(view, _person(who), token)

    def take(self, who: Visitor, token: str) -> bytes:
        """Return the archive, once. Raises NotFound."""
        return self._database.write(
            lambda transaction: self._exports.take(
                transaction, _person(who), token, actor=who.actor
            )
        )


def _person(who: Visitor) -> Person:
    return Person(who.tenant_id, who.id)


def _view(one: Copy) -> CopyView:
    words = {
        Standing.MAKING: _making(one.parts),
        Standing.READY: _("It is ready: the link is in the mail that we sent you."),
        Standing.TAKEN: _("You fetched it. Nothing of it is kept here."),
        Standing.LOST: _("Its link is over. Ask for another copy."),
    }
    ends = one.expires_at if one.standing is Standing.READY else None
    return CopyView(
        one.standing.value,
        words[one.standing],
        moment(one.created_at),
        moment(ends) if ends else None,
    )


def _making(parts: int) -> str:
    if not parts:
        return str(_("It is being made. The link comes by mail."))
    said = _("It is being made: %(parts)s parts are ready. The link comes by mail.", parts=parts)
    return str(said)
