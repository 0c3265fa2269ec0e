"""/account/passkeys: add, rename and remove passkeys; /account/security lists them."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.passkeys.own import Passkeys, PasskeyView, Section
from authserver.account.views import Pages
from authserver.core.problems import NotFound, Refused
from authserver.core.web import MalformedRequest
from authserver.mfa.own.values import LastFactor
from authserver.passkeys import asking
from authserver.passkeys.names import UnfitFactorName

NEW = "new"
_WRONG = 400


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
        if about != NEW:
            _named(section, about)
        if again := self._access.ask_again(about):
            return again
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
            return asking.options(self._passkeys.offer())
        going_on = self._access.going_on()
        added = self._passkeys.add(asking.answer(), keep=going_on)
        if added is None:
            return self._new(section, refused=True)
        flash(_("“%(name)s” was added. You can sign in with it now.", name=added.passkey.name))
        codes = redirect(url_for("account.backup_codes"), code=303)
        return self._access.renamed(codes if added.codes else _to_the_list(), going_on)

    def _rename(self, section: Section, about: str) -> Response:
        try:
            name = self._passkeys.rename(about, request.form.get("name", ""))
        except UnfitFactorName:
            wrong = _("Choose a name of at most 60 characters, without invisible ones.")
            return self._one(section, about, refused=wrong)
        except Refused:
            return self._one(section, about, refused=_("Enter a name."))
        flash(_("The passkey is called “%(name)s” now.", name=name))
        return _to_the_list()

    def _remove(self, section: Section, about: str) -> Response:
        going_on = self._access.going_on()
        try:
            gone = self._passkeys.remove(about, keep=going_on)
        except LastFactor:
            return self._one(section, about)
        flash(
            _("“%(name)s” was removed. Everything else was signed out.", name=gone.name)
            if gone.left
            else _("You have no second factor any more. Everything else was signed out.")
        )
        return self._access.renamed(_to_the_list(), going_on)

    def _new(self, section: Section, *, refused: bool = False) -> Response:
        return self._pages.render(
            "account/passkeys/new.html",
            status=_WRONG if refused else 200,
            list_url=url_for("account.security"),
            room=section.room,
            first=not self._passkeys.factors(),
            refused=refused,
        )

    def _one(self, section: Section, about: str, *, refused: str | None = None) -> Response:
        return self._pages.render(
            "account/passkeys.html",
            status=_WRONG if refused else 200,
            list_url=url_for("account.security"),
            passkey=_named(section, about),
            may_remove=self._passkeys.may_remove(about),
            last=self._passkeys.factors() == 1,
            refused=refused,
        )


def _named(section: Section, about: str) -> PasskeyView:
    found = next((one for one in section.passkeys if one.id == about), None)
    if found is None:
        raise NotFound("There is no such passkey.", detail=about)
    return found


def _to_the_list() -> Response:
    return redirect(url_for("account.security", _anchor="passkeys"), code=303)
