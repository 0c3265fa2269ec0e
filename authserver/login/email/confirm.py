"""/login/email/confirm: who reads the mail of a new address lets the account have it."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from authserver.accounts.directory import UserSnapshot
from authserver.core.database.engine import Transaction
from authserver.links.email_change import EmailChange
from authserver.links.policy import Purpose
from authserver.links.service import LinkClosed
from authserver.login.recover.mailed import MailedSteps
from authserver.oauth.authorize.endpoint import current_browser
from authserver.sessions import rows
from authserver.sessions.cookies import CookiePolicy


class ConfirmPage:
    """Takes the proof. The session of the person's own browser goes on, all others end."""

    def __init__(self, steps: MailedSteps, change: EmailChange, cookies: CookiePolicy) -> None:
        """Take what changes addresses, and the names of the cookies."""
        self._steps = steps
        self._change = change
        self._cookies = cookies

    def show(self) -> Response:
        """Show the button. The link stays as good as it was."""
        if moved := self._steps.arrive():
            return moved
        hop = self._steps.hop()
        try:
            account = self._change.look(hop.token, Purpose.CHANGE_EMAIL, issuer=hop.issuer)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.show(
            "login/email/confirm.html",
            account,
            name=account.user.name,
            organization=account.tenant_name,
            new_email=account.new_email,
            first=not account.verified,
        )

    def submit(self) -> Response:
        """Change the address; after the first proof of all, a new password is chosen next."""
        hop, browser = self._steps.hop(), current_browser(self._cookies).session_token
        try:
            link = self._change.confirm(
                hop.token,
                issuer=hop.issuer,
                actor=hop.actor,
                keep=lambda tx, user: _keep(tx, user, browser=browser, issuer=hop.issuer),
            )
        except LinkClosed:
            return self._steps.closed()
        if link is None:
            return self._steps.done("email")
        response = redirect(url_for("login.new_password", confirmed="yes"), code=303)
        return self._steps.carry(response, link.token, path=url_for("login.new_password"))


def _keep(
    transaction: Transaction, user: UserSnapshot, *, browser: str | None, issuer: str
) -> None:
    """Let the session of a browser go on, if it is one of the account."""
    for session in rows.of_browser(transaction, browser):
        if session.user_id == user.id and session.issuer == issuer:
            rows.carry_on(transaction, session.id, user)
