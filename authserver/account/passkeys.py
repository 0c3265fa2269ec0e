"""/account/passkeys: add, rename and remove passkeys; /account/security lists them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import after_this_request, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, Visitor, visitor
from authserver.account.views import Moment, Pages, moment
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import NotFound, Refused
from authserver.core.web import MalformedRequest
from authserver.mfa.own.values import LastFactor
from authserver.mfa.passkeys.own import Added, Keep, Owner, OwnPasskeys
from authserver.passkeys import asking
from authserver.passkeys.credentials import Listed
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.going_on import GoingOn

T = TypeVar("T")
NEW, CODES = "new", "codes"
_WRONG = 400


@dataclass(frozen=True)
class PasskeyView:
    """A passkey as pages show it."""

    id: str
    name: str
    synced: bool
    added: Moment
    used: Moment | None


@dataclass(frozen=True)
class Section:
    """What /account/security shows: the passkeys, and whether another can be added."""

    passkeys: tuple[PasskeyView, ...]
    room: bool
    url: str


class Passkeys:
    """Knows and changes the passkeys of an account."""

    def __init__(
        self,
        database: Database,
        own: OwnPasskeys,
        *,
        cookies: CookiePolicy,
        wake: Callable[[], None],
    ) -> None:
        """Take what changes them; `wake` is called when there is a mail to send."""
        self._database = database
        self._own = own
        self._cookies = cookies
        self._wake = wake

    def section(self, who: Visitor) -> Section | None:
        """Return the section of the security page; None where there can be no passkeys.

        A guest signs in through the home account, and so does its passkey.
        """
        if not self._own.usable or who.person.home_user_id is not None:
            return None
        shown = tuple(_view(one) for one in self.of(who))
        return Section(shown, len(shown) < self._own.most, url_for("account.passkeys"))

    def of(self, who: Visitor) -> list[Listed]:
        """Return the passkeys of an account."""
        with self._database.read() as view:
            return self._own.of(view, who.session.user)

    def may_remove(self, who: Visitor, passkey_id: str) -> bool:
        """Tell whether a passkey may go."""
        with self._database.read() as view:
            return self._own.may_remove(view, who.session.user, passkey_id)

    def offer(self, who: Visitor) -> str | None:
        """Return the options for another passkey."""
        return self._change(lambda tx: self._own.offer(tx, self._owner(who)))

    def add(self, who: Visitor, answer: str) -> Added | None:
        """Store what the browser made."""
        owner, kept = self._owner(who), self._goes_on(who)

        def keep(methods: tuple[str, ...]) -> Keep:
            kept.methods = methods
            return kept

        added = self._change(lambda tx: self._own.add(tx, owner, answer, keep=keep))
        self._rename_browser(kept)
        return added

    def keep_codes(self, who: Visitor) -> None:
        """Let backup codes count that were shown."""
        self._change(lambda tx: self._own.keep_codes(tx, self._owner(who)))

    def rename(self, who: Visitor, passkey_id: str, name: str) -> str:
        """Call a passkey something else. Raises NotFound, Refused."""
        return self._change(
            lambda tx: self._own.rename(tx, self._owner(who), passkey_id, name=name)
        )

    def remove(self, who: Visitor, passkey_id: str) -> str:
        """Take a passkey away. Raises NotFound, LastFactor."""
        owner, kept = self._owner(who), self._goes_on(who)
        name = self._change(lambda tx: self._own.remove(tx, owner, passkey_id, keep=kept))
        self._rename_browser(kept)
        return name

    def _change(self, job: Callable[[Transaction], T]) -> T:
        done = self._database.write(job)
        self._wake()
        return done

    def _owner(self, who: Visitor) -> Owner:
        return Owner(who.session.user, who.session.id, self._browser(), who.actor)

    def _goes_on(self, who: Visitor) -> GoingOn:
        """Return what lets the visitor's session go on when everything else ends."""
        return GoingOn(who.session.id, self._browser())

    def _browser(self) -> str:
        return request.cookies.get(self._cookies.session.name, "")

    def _rename_browser(self, kept: GoingOn) -> None:
        """Tell the browser its new name, if it got one. Forms of before are void."""
        if not kept.happened:
            return
        session.pop("csrf_token", None)
        cookie = self._cookies.session

        def tell(response: Response) -> Response:
            response.set_cookie(cookie.name, kept.fresh, **cookie.attributes())
            return response

        after_this_request(tell)


class PasskeysPage:
    """Shows one passkey, or the way to a new one, and takes the changes."""

    def __init__(self, access: Access, pages: Pages, *, passkeys: Passkeys) -> None:
        """Take what knows the passkeys."""
        self._access = access
        self._pages = pages
        self._passkeys = passkeys

    def show(self) -> Response:
        """Show what `about` names: a passkey, or the way to a new one. Raises NotFound."""
        about = request.args.get("about")
        if about is None:
            return _to_the_list()
        section = self._section()
        if about != NEW:
            _named(section, about)
        if again := self._access.ask_again(about):
            return again
        return self._new(section) if about == NEW else self._one(section, about)

    def submit(self) -> Response:
        """Do what the form says, if the person just signed in. Raises NotFound."""
        section, about = self._section(), request.form.get("about", "")
        if about not in {NEW, CODES}:
            _named(section, about)
        if again := self._access.ask_again(about):
            return again
        if about == CODES:
            return self._keep_codes()
        if about == NEW:
            return self._add(section)
        acts = {"rename": self._rename, "remove": self._remove}
        act = acts.get(request.form.get("act", ""))
        if act is None:
            raise MalformedRequest("Choose what to do.")
        return act(section, about)

    def _section(self) -> Section:
        section = self._passkeys.section(visitor())
        if section is None:
            raise NotFound("There are no passkeys here.", detail="a guest account, or no host name")
        return section

    def _add(self, section: Section) -> Response:
        if asking.is_asked():
            return asking.options(self._passkeys.offer(visitor()))
        added = self._passkeys.add(visitor(), asking.answer())
        if added is None:
            return self._new(section, refused=True)
        flash(_("“%(name)s” was added. You can sign in with it now.", name=added.passkey.name))
        if added.codes:
            return self._pages.render("account/passkeys/codes.html", codes=added.codes)
        return _to_the_list()

    def _keep_codes(self) -> Response:
        if request.form.get("kept") == "yes":
            self._passkeys.keep_codes(visitor())
            flash(_("Your backup codes count from now on."))
        return _to_the_list()

    def _rename(self, section: Section, about: str) -> Response:
        try:
            name = self._passkeys.rename(visitor(), about, request.form.get("name", ""))
        except Refused:
            return self._one(section, about, refused=_("Enter a name."))
        flash(_("The passkey is called “%(name)s” now.", name=name))
        return _to_the_list()

    def _remove(self, section: Section, about: str) -> Response:
        try:
            name = self._passkeys.remove(visitor(), about)
        except LastFactor:
            return self._one(section, about)
        flash(
            _("“%(name)s” was removed. Everything else was signed out.", name=name),
        )
        return _to_the_list()

    def _new(self, section: Section, *, refused: bool = False) -> Response:
        return self._pages.render(
            "account/passkeys/new.html",
            status=_WRONG if refused else 200,
            list_url=url_for("account.security"),
            room=section.room,
            refused=refused,
        )

    def _one(self, section: Section, about: str, *, refused: str | None = None) -> Response:
        may_go = self._passkeys.may_remove(visitor(), about)
        return self._pages.render(
            "account/passkeys.html",
            status=_WRONG if refused else 200,
            list_url=url_for("account.security"),
            passkey=_named(section, about),
            may_remove=may_go,
            refused=refused,
        )


def _named(section: Section, about: str) -> PasskeyView:
    found = next((one for one in section.passkeys if one.id == about), None)
    if found is None:
        raise NotFound("There is no such passkey.", detail=about)
    return found


def _to_the_list() -> Response:
    return redirect(url_for("account.security", _anchor="passkeys"), code=303)


def _view(one: Listed) -> PasskeyView:
    used = moment(one.last_used_at) if one.last_used_at else None
    return PasskeyView(one.id, one.name, one.synced, moment(one.created_at), used)
