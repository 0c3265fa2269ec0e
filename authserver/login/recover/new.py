"""/login/recover/new: who followed the link chooses a new password."""

from flask import request
from werkzeug.wrappers import Response

from authserver.accounts.passwords.strength import Strength
from authserver.accounts.service import WeakPassword
from authserver.links.recovery import Recovery
from authserver.links.service import LinkClosed
from authserver.login.recover.mailed import Hop, MailedSteps


class NewPasswordPage:
    """Takes the new password. Nobody is signed in by it."""

    def __init__(self, steps: MailedSteps, recovery: Recovery) -> None:
        """Take what sets passwords."""
        self._steps = steps
        self._recovery = recovery

    def show(self) -> Response:
        """Show the form. The link stays as good as it was."""
        moved = self._steps.arrive()
        return moved or self._page(self._steps.hop())

    def submit(self) -> Response:
        """Set the password, or say what is missing."""
        hop, password = self._steps.hop(), request.form.get("password", "")
        try:
            self._recovery.reset(hop.token, password, issuer=hop.issuer, actor=hop.actor)
        except WeakPassword as weak:
            return self._page(hop, strength=weak.strength, status=weak.status)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.done("password")

    def _page(
        self,
        hop: Hop,
        *,
        strength: Strength | None = None,
        status: int = 200,
    ) -> Response:
        try:
            account = self._recovery.look(hop.token, hop.issuer)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.show(
            "login/recover/new.html",
            account,
            status=status,
            rules=account.rules,
            strength=strength,
            confirmed="confirmed" in request.args,
            kept="kept" in request.args,
        )
