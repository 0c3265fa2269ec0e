"""/account/factors/codes: how many backup codes are left, and new ones, shown once."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import visitor
from authserver.account.factors.tools import Tools
from authserver.mfa.policy import FEW_CODES

_MISSING = 400
AsFile = Callable[..., Response]


class CodesPage:
    """Makes new codes, and shows them until the person says that they are kept."""

    def __init__(self, tools: Tools, as_file: AsFile) -> None:
        """Take what the pages of the factors have in common, and what makes a file of codes."""
        self._tools = tools
        self._as_file = as_file

    def show(self) -> Response:
        """Show new codes, or send them as a file; without any, how many are left."""
        codes = self._new_codes()
        if codes and request.args.get("as") == "file":
            account = self._tools.pages.account(visitor().session)
            return self._as_file(codes, email=account.email, tenant_name=account.tenant_name)
        return self._page(codes)

    def submit(self) -> Response:
        """Put the new codes away, or make new ones: that takes a sign-in of just now."""
        if request.form.get("renew") == "yes":
            return self._renew()
        codes = self._new_codes()
        if codes and request.form.get("kept") != "yes":
            return self._page(codes, status=_MISSING)
        self._tools.write(self._tools.own.put_away)
        if codes:
            flash(_("Your backup codes are ready for the day you need one."))
        return redirect(url_for("account.security"), code=303)

    def _renew(self) -> Response:
        if again := self._tools.access.ask_again(None):
            return again
        self._tools.write(self._tools.own.renew_codes)
        return redirect(url_for("account.backup_codes"), code=303)

    def _new_codes(self) -> tuple[str, ...]:
        who = self._tools.present()
        with self._tools.database.read() as view:
            return self._tools.own.new_codes(view, who)

    def _page(self, codes: tuple[str, ...], *, status: int = 200) -> Response:
        owned = self._tools.owned()
        if not owned.factors:
            return redirect(url_for("account.security"), code=303)
        missing = _("Confirm first that you have kept the codes.")
        return self._tools.render(
            "account/factors/codes.html",
            status=status,
            codes=codes,
            left=owned.codes_left,
            few=owned.codes_left <= FEW_CODES,
            error=missing if status == _MISSING else None,
        )
