"""/account/email: another address, by a link that goes to it.

Asking takes a sign-in of the last five minutes: whoever has the address can ask for a new password.
Calling a change off takes none, it gives nobody anything.
"""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.views import Moment, Pages, moment
from authserver.accounts.service import UnfitAccount
from authserver.core import web
from authserver.links.email_change import EmailChange, NewAddress, SameAddress, TooManyChanges


@dataclass(frozen=True)
class Change:
    """A change that waits for its link to be used."""

    email: str
    until: Moment


class EmailPage:
    """Asks for the new address, says that the mail is on its way, calls it off."""

    def __init__(self, access: Access, pages: Pages, change: EmailChange) -> None:
        """Take what changes addresses."""
        self._access = access
        self._pages = pages
        self._change = change

    def show(self) -> Response:
        """Show the form; at a guest account, where the address is changed."""
        if visitor().person.home_user_id is None and (again := self._access.ask_again(None)):
            return again
        return self._page("")

    def submit(self) -> Response:
        """Send the link, or call off what waits."""
        if request.form.get("do") == "cancel":
            return self._cancel()
        if again := self._access.ask_again(None):
            return again
        who, email = visitor(), request.form.get("email", "").strip()
        wanted = NewAddress(
            who.tenant_id, who.id, email, request.environ[web.ISSUER].url, who.actor
        )
        try:
            self._change.request(wanted)
        except (UnfitAccount, TooManyChanges) as refused:
            return self._page(email, error=_said(refused), status=refused.status)
        flash(_("A link is on its way to %(email)s. Open it to finish the change.", email=email))
        return redirect(url_for("account.profile"), code=303)

    def _cancel(self) -> Response:
        who = visitor()
        if self._change.cancel(who.tenant_id, who.id, actor=who.actor):
            flash(_("The change was called off. Your address stays as it is."))
        return redirect(url_for("account.profile"), code=303)

    def _page(self, email: str, *, error: str = "", status: int = 200) -> Response:
        who = visitor()
        waiting = self._change.waiting(who.tenant_id, who.id)
        return self._pages.render(
            "account/email.html",
            status=status,
            email=email,
            error=error,
            person=who.person,
            waiting=waiting and Change(waiting.email, moment(waiting.expires_at)),
            back_url=url_for("account.profile"),
        )


def _said(refused: UnfitAccount | TooManyChanges) -> str:
    if isinstance(refused, SameAddress):
        return str(_("This is your address already."))
    if isinstance(refused, TooManyChanges):
        return str(_("You asked for too many links. Try again in an hour."))
    return str(_("Enter an email address, for example name@example.com."))
