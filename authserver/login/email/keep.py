"""/login/email/keep: who did not ask for another address stops it."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from authserver.links.email_change import EmailChange
from authserver.links.policy import Purpose
from authserver.links.service import LinkClosed
from authserver.login.recover.mailed import MailedSteps


class KeepPage:
    """Calls the change off, and leads on to a new password: somebody else knows the old one."""

    def __init__(self, steps: MailedSteps, change: EmailChange) -> None:
        """Take what calls changes off."""
        self._steps = steps
        self._change = change

    def show(self) -> Response:
        """Show the button. The link stays as good as it was."""
        if moved := self._steps.arrive():
            return moved
        hop = self._steps.hop()
        try:
            account = self._change.look(hop.token, Purpose.KEEP_EMAIL, issuer=hop.issuer)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.show("login/email/keep.html", account, proved=account.verified)

    def submit(self) -> Response:
        """Stop the change."""
        hop = self._steps.hop()
        try:
            link = self._change.refuse(hop.token, issuer=hop.issuer, actor=hop.actor)
        except LinkClosed:
            return self._steps.closed()
        if link is None:
            return self._steps.done("kept")
        response = redirect(url_for("login.new_password", kept="yes"), code=303)
        return self._steps.carry(response, link.token, path=url_for("login.new_password"))
