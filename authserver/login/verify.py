"""/login/verify: who followed the link proves that the address is theirs."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from authserver.links.service import LinkClosed
from authserver.links.verification import Verification
from authserver.login.recover.mailed import MailedSteps


class VerifyPage:
    """Takes the proof, and leads on to the choice of a password."""

    def __init__(self, steps: MailedSteps, verification: Verification) -> None:
        """Take what takes proofs."""
        self._steps = steps
        self._verification = verification

    def show(self) -> Response:
        """Show the button. The link stays as good as it was."""
        if moved := self._steps.arrive():
            return moved
        hop = self._steps.hop()
        try:
            account = self._verification.look(hop.token, hop.issuer)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.show("login/verify.html", account)

    def submit(self) -> Response:
        """Take the proof. Passwords of before it are gone, so that a new one is chosen next."""
        hop = self._steps.hop()
        try:
            link = self._verification.confirm(hop.token, issuer=hop.issuer, actor=hop.actor)
        except LinkClosed:
            return self._steps.closed()
        response = redirect(url_for("login.new_password", confirmed="yes"), code=303)
        return self._steps.carry(response, link.token, path=url_for("login.new_password"))
