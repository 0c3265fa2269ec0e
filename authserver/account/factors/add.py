"""/account/factors/add: an authenticator app is connected, and proves it with a first code."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.factors.tools import REFUSED, Tools
from authserver.core.problems import Conflict
from authserver.mfa import totp
from authserver.mfa.own.values import Added, NewApp
from authserver.passkeys.names import UnfitFactorName


@dataclass(frozen=True)
class Wrong:
    """What was wrong with what was typed, in words, and what was typed."""

    code: str | None = None
    name: str | None = None
    typed_name: str = ""


class AddPage:
    """Adds an app."""

    def __init__(self, tools: Tools) -> None:
        """Take what the pages of the factors have in common."""
        self._tools = tools

    def show(self) -> Response:
        """Show the secret, the same as long as this set-up lasts."""
        return self._page(Wrong())

    def submit(self) -> Response:
        """Check the first code; on success show new backup codes, if there are any."""
        form = request.form
        new = NewApp(form.get("code", ""), form.get("name", ""), form.get("others") == "yes")
        going_on = self._tools.access.going_on()
        try:
            added = self._tools.write(
                lambda transaction, who: self._tools.own.confirm(
                    transaction, who, new, keep=going_on
                )
            )
        except UnfitFactorName:
            long = _("Choose a name of at most 60 characters, without invisible ones.")
            return self._page(Wrong(name=long, typed_name=new.name), status=REFUSED)
        if added is Added.WRONG_CODE:
            wrong = Wrong(code=_("This code is not right."), typed_name=new.name)
            return self._page(wrong, status=REFUSED)
        return self._tools.access.renamed(_onward(added, everywhere=going_on.happened), going_on)

    def _page(self, wrong: Wrong, *, status: int = 200) -> Response:
        try:
            seed = self._tools.write(self._tools.own.set_up)
        except Conflict:
            return self._tools.render("account/factors/add.html", secret=None, status=409)
        who, owned = visitor(), self._tools.owned()
        account = self._tools.pages.account(who.session)
        return self._tools.render(
            "account/factors/add.html",
            status=status,
            secret=totp.secret(seed, account=account.email, issuer=account.tenant_name),
            first=not owned.factors,
            wrong=wrong,
        )


def _onward(added: Added, *, everywhere: bool) -> Response:
    """Say what became of it, where the person goes on."""
    if added is Added.CLOSED:
        flash(_("That set-up was not open any more. Look whether the app is there, or begin anew."))
    elif everywhere:
        flash(_("The app was added. Everything else that was signed in was signed out."))
    else:
        flash(_("The app was added. Other sessions go on; you can end them under Sessions."))
    page = "backup_codes" if added is Added.DONE_WITH_CODES else "security"
    return redirect(url_for(f"account.{page}"), code=303)
