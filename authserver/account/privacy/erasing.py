"""The person's own erasure: asked for here, said a second time at /account/privacy/erasure."""

from dataclasses import dataclass

from flask_babel import gettext as _

from authserver.account.access import Visitor
from authserver.account.views import Moment, moment
from authserver.core.database.engine import Database
from authserver.privacy.erasure.service import Erasures
from authserver.privacy.erasure.values import By, ErasureView, State, Whom


@dataclass(frozen=True)
class ErasureShown:
    """The erasure that is under way. `asked`: its mailed link was not opened yet."""

    asked: bool
    held: bool
    due: Moment | None


class OwnErasure:
    """Knows the erasure of whoever visits the page."""

    def __init__(self, database: Database, erasures: Erasures) -> None:
        """Take what has people erased."""
        self._database = database
        self._erasures = erasures

    def now(self, who: Visitor) -> ErasureShown | None:
        """Return the erasure that is under way, if one is."""
        with self._database.read() as view:
            found = self._erasures.of_person(view, _whom(who))
        return _shown(found) if found else None

    def ask(self, who: Visitor) -> None:
        """Have the link of the second step mailed. Raises Refused, Conflict."""
        self._database.write(
            lambda transaction: self._erasures.ask(transaction, _whom(who), actor=who.actor)
        )

    def check(self, who: Visitor, token: str) -> None:
        """Raise NotFound unless the link is of this very account."""
        with self._database.read() as view:
            self._erasures.look(view, _whom(who), token)

    def confirm(self, who: Visitor, token: str) -> None:
        """Take the second word. Raises NotFound, Refused."""
        self._database.write(
            lambda transaction: self._erasures.confirm(
                transaction, _whom(who), token, actor=who.actor
            )
        )

    def cancel(self, who: Visitor) -> None:
        """Call it off. Raises NotFound, Conflict."""
        by = By(who.actor, who.tenant_id)
        self._database.write(
            lambda transaction: self._erasures.cancel(transaction, _whom(who), by=by)
        )


def _whom(who: Visitor) -> Whom:
    return Whom(who.tenant_id, who.id)


def _shown(one: ErasureView) -> ErasureShown:
    due = moment(one.due_at) if one.due_at else None
    return ErasureShown(one.state is State.ASKED, one.held, due)


def last_administrator() -> str:
    """Say why an account cannot be deleted."""
    return str(
        _("You are the last administrator of your organization: make somebody else one first.")
    )
