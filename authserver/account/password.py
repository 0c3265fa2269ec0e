"""/account/password: a new password, with the present one."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.views import Pages
from authserver.accounts.password_change import (
    ChangeRequest,
    PasswordChange,
    PasswordResetRequired,
    PresentPasswordRefused,
)
from authserver.accounts.passwords.strength import Strength
from authserver.accounts.service import WeakPassword
from authserver.core.problems import Problem
from authserver.sessions.cookies import CookiePolicy

_GOOD = 200


class PasswordPage:
    """Changes the password. This session goes on, everything else that is signed in ends.

    The present password is what it takes: wrong ones count as at the sign-in page. Who has a second
    factor must have shown it in this session.
    """

    def __init__(
        self, access: Access, pages: Pages, *, change: PasswordChange, cookies: CookiePolicy
    ) -> None:
        """Take what changes passwords."""
        self._access = access
        self._pages = pages
        self._change = change
        self._cookies = cookies

    def show(self) -> Response:
        """Show the form."""
        return self._access.ask_for_the_rest(None) or self._page()

    def submit(self) -> Response:
        """Change the password, or say what is wrong."""
        if again := self._access.ask_for_the_rest(None):
            return again
        going_on = self._access.going_on()
        try:
            self._change.change_password(self._asked(), going_on)
        except WeakPassword as weak:
            return self._page(weak, strength=weak.strength)
        except PresentPasswordRefused as refused:
            return self._page(refused)
        except PasswordResetRequired as needed:
            return self._page(needed, reset_required=True)
        flash(_("Your password was changed. Everything else that was signed in was signed out."))
        response = redirect(url_for("account.security"), code=303)
        return self._access.renamed(response, going_on)

    def _asked(self) -> ChangeRequest:
        who = visitor()
        return ChangeRequest(
            tenant_id=who.tenant_id,
            user_id=who.id,
            present=request.form.get("present", ""),
            new=request.form.get("new", ""),
            actor=who.actor,
            device_token=request.cookies.get(self._cookies.device.name),
        )

    def _page(
        self,
        refused: Problem | None = None,
        *,
        strength: Strength | None = None,
        reset_required: bool = False,
    ) -> Response:
        who = visitor()
        return self._pages.render(
            "account/password.html",
            status=refused.status if refused else _GOOD,
            has_password=who.person.password_changed_at is not None,
            rules=self._change.rules(who.tenant_id, who.id),
            strength=strength,
            refused=refused is not None and strength is None and not reset_required,
            reset_required=reset_required,
            recover_url=url_for("login.recover"),
            back_url=url_for("account.security"),
        )
