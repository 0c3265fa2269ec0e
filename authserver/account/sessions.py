"""/account/sessions: where the account is signed in, and how to end that."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.account.access import Access, Visitor, visitor
from authserver.account.views import Moment, Pages, Question, device_in_words, moment
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.mfa.notices import Reports, changed
from authserver.sessions.own import OwnSession, OwnSessions

OTHERS = "others"


@dataclass(frozen=True)
class SessionView:
    """A session as its owner may recognise it."""

    id: str
    device: str
    handheld: bool
    address: str
    began: Moment
    used: Moment
    present: bool


class Ending:
    """Ends sessions of an account, and mails the person once for the act."""

    def __init__(self, sessions: OwnSessions, *, reports: Reports, clock: Clock) -> None:
        """Take what ends sessions, and what tells of it."""
        self._sessions = sessions
        self._reports = reports
        self._clock = clock

    def end(self, transaction: Transaction, who: Visitor, about: str) -> int:
        """End one session, or all others; return how many had not ended. Raises NotFound."""
        ended = (
            self._sessions.end_others(transaction, who.session, actor=who.actor)
            if about == OTHERS
            else int(self._sessions.end(transaction, who.session, about, actor=who.actor))
        )
        if ended:
            now = self._clock.now()
            message = changed(who.session.user, "sessions_ended", who.actor, now=now)
            self._reports.send(transaction, message)
        return ended


class SessionsPage:
    """Lists the sessions of the account at this issuer; ends one, or all but this."""

    def __init__(
        self,
        access: Access,
        pages: Pages,
        *,
        sessions: OwnSessions,
        ending: Ending,
        database: Database,
    ) -> None:
        """Take what knows the sessions, and what ends them."""
        self._access = access
        self._pages = pages
        self._sessions = sessions
        self._ending = ending
        self._database = database

    def show(self) -> Response:
        """Show the list, or ask whether to end what `about` names. Raises NotFound."""
        about = request.args.get("about")
        if about:
            return self._ask(about)
        with self._database.read() as view:
            live = self._sessions.live(view, visitor().session)
        shown = [_view(one) for one in live]
        shown.sort(key=lambda one: not one.present)
        return self._pages.render("account/sessions.html", sessions=shown)

    def submit(self) -> Response:
        """End one session, or all the others. Raises NotFound."""
        who, about = visitor(), request.form.get("about", "")
        if about == who.session.id:
            return redirect(url_for("login.logout"), code=303)
        if again := self._access.ask_again(about):
            return again
        ended = self._database.write(lambda tx: self._ending.end(tx, who, about))
        flash(_said(ended))
        return redirect(url_for("account.sessions"), code=303)

    def _ask(self, about: str) -> Response:
        who = visitor()
        if about == who.session.id:
            return redirect(url_for("login.logout"), code=303)
        named = None
        if about != OTHERS:
            with self._database.read() as view:
                named = _view(self._sessions.one(view, who.session, about))
        if again := self._access.ask_again(about):
            return again
        return self._pages.confirm(_question(named))


def _said(ended: int) -> str:
    if not ended:
        return str(_("There was nothing to end any more."))
    return str(ngettext("One session was ended.", "%(num)s sessions were ended.", ended))


def _question(session: SessionView | None) -> Question:
    if session is None:
        return Question(
            _("End all other sessions?"),
            _(
                "You stay signed in here, and nowhere else. Applications that were opened"
                " elsewhere have to sign in again."
            ),
            _("End all others"),
            OTHERS,
        )
    return Question(
        _("End the session of %(device)s?", device=session.device),
        _("It ends at once. Applications that were opened from there have to sign in again."),
        _("End session"),
        session.id,
    )


def _view(own: OwnSession) -> SessionView:
    return SessionView(
        id=own.id,
        device=device_in_words(own.device),
        handheld=own.device.handheld,
        address=own.address,
        began=moment(own.created_at),
        used=moment(own.last_seen_at),
        present=own.id == visitor().session.id,
    )
