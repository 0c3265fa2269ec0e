"""/account/privacy/erasure: where the mailed link leads; here the account's deletion is said again.

Opening the page changes nothing: mail scanners follow links, and are not signed in anyway.
"""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.privacy.erasing import OwnErasure, last_administrator
from authserver.account.views import Pages
from authserver.core.problems import Refused


class ErasurePage:
    """Takes the second word."""

    def __init__(self, access: Access, pages: Pages, *, own: OwnErasure) -> None:
        """Take what knows the person's own erasure."""
        self._access = access
        self._pages = pages
        self._own = own

    def show(self) -> Response:
        """Show the question, after a fresh sign-in. Raises NotFound."""
        token = request.args.get("about")
        if token is None:
            return redirect(url_for("account.privacy"), code=303)
        return self._access.ask_again(token) or self._page(token)

    def submit(self) -> Response:
        """Take the second word, with the address typed. Raises NotFound."""
        token = request.form.get("about", "")
        if again := self._access.ask_again(token or None):
            return again
        typed = request.form.get("email", "").strip()
        if typed.casefold() != visitor().person.email.casefold():
            error = _("This is not the address of the account.")
            return self._page(token, typed=typed, error=error, status=422)
        try:
            self._own.confirm(visitor(), token)
        except Refused:
            flash(last_administrator(), "error")
        else:
            flash(_("Your account will be deleted."))
        return redirect(url_for("account.privacy"), code=303)

    def _page(self, token: str, *, typed: str = "", error: str = "", status: int = 200) -> Response:
        self._own.check(visitor(), token)
        return self._pages.render(
            "account/privacy/erasure.html",
            status=status,
            token=token,
            email=visitor().person.email,
            typed=typed,
            error=error,
            back_url=url_for("account.privacy"),
        )
