"""/account/email: another address, by a link that goes to it.

Asking takes a sign-in of the last five minutes: whoever has the address can ask for a new password.
Calling a change off takes none, it gives nobody anything. Nor does a link that goes to the present
address, to prove that it is the person's.
"""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.views import Moment, Pages, moment
from authserver.accounts.service import UnfitAccount
from authserver.core import web
from authserver.core.problems import Conflict
from authserver.links.email_change import EmailChange, NewAddress, SameAddress, TooManyChanges
from authserver.links.verification import TooManyProofs, Verification, Wish
from authserver.sessions.cookies import CookiePolicy
from authserver.tenants.limits.entrance import AddressNotAllowed


@dataclass(frozen=True)
class Change:
    """A change that waits for its link to be used."""

    email: str
    until: Moment


class EmailPage:
    """Asks for the new address, says that the mail is on its way, calls it off."""

    def __init__(
        self,
        access: Access,
        pages: Pages,
        change: EmailChange,
        *,
        verification: Verification,
        cookies: CookiePolicy,
    ) -> None:
        """Take what changes addresses, and what proves them."""
        self._access = access
        self._pages = pages
        self._change = change
        self._verification = verification
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form; at a guest account, where the address is changed."""
        if visitor().person.home_user_id is None and (again := self._access.ask_again(None)):
            return again
        return self._page("")

    def submit(self) -> Response:
        """Send the link, call off what waits, or send a link to the present address."""
        acts = {"cancel": self._cancel, "verify": self._verify}
        if act := acts.get(request.form.get("do", "")):
            return act()
        if again := self._access.ask_again(None):
            return again
        who, email = visitor(), request.form.get("email", "").strip()
        wanted = NewAddress(
            who.tenant_id, who.id, email, request.environ[web.ISSUER].url, who.actor
        )
        try:
            self._change.request(wanted)
        except (UnfitAccount, TooManyChanges, AddressNotAllowed) as refused:
            return self._page(email, error=_said(refused), status=refused.status)
        flash(_("A link is on its way to %(email)s. Open it to finish the change.", email=email))
        return redirect(url_for("account.profile"), code=303)

    def _cancel(self) -> Response:
        who = visitor()
        if self._change.cancel(who.tenant_id, who.id, actor=who.actor):
            flash(_("The change was called off. Your address stays as it is."))
        return redirect(url_for("account.profile"), code=303)

    def _verify(self) -> Response:
        who = visitor()
        wish = Wish(
            who.tenant_id,
            who.id,
            issuer=request.environ[web.ISSUER].url,
            actor=who.actor,
            device_token=request.cookies.get(self._cookies.device.name),
        )
        try:
            self._verification.request(wish)
        except TooManyProofs:
            flash(_("You asked for too many links. Look for the last mail, or try in an hour."))
        except Conflict:
            flash(_("There is nothing to confirm any more."))
        else:
            said = _("A link is on its way to %(email)s. Open it to confirm the address.")
            flash(said % {"email": who.person.email})
        return redirect(url_for("account.overview"), code=303)

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


def _said(refused: UnfitAccount | TooManyChanges | AddressNotAllowed) -> str:
    if isinstance(refused, AddressNotAllowed):
        return str(_("Your organization does not take addresses of this domain."))
    if isinstance(refused, SameAddress):
        return str(_("This is your address already."))
    if isinstance(refused, TooManyChanges):
        return str(_("You asked for too many links. Try again in an hour."))
    return str(_("Enter an email address, for example name@example.com."))
