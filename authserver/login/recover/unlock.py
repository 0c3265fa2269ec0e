"""/login/recover/unlock: the mail about a lock leads here, and a button lifts it."""

from werkzeug.wrappers import Response

from authserver.links.service import LinkClosed
from authserver.links.unlocking import Unlocking
from authserver.login.recover.mailed import MailedSteps


class UnlockPage:
    """Lifts the lock of untrusted devices."""

    def __init__(self, steps: MailedSteps, unlocking: Unlocking) -> None:
        """Take what lifts locks."""
        self._steps = steps
        self._unlocking = unlocking

    def show(self) -> Response:
        """Show the button. The link stays as good as it was."""
        if moved := self._steps.arrive():
            return moved
        hop = self._steps.hop()
        try:
            account = self._unlocking.look(hop.token, hop.issuer)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.show("login/recover/unlock.html", account)

    def submit(self) -> Response:
        """Lift the lock."""
        hop = self._steps.hop()
        try:
            self._unlocking.unlock(hop.token, issuer=hop.issuer, actor=hop.actor)
        except LinkClosed:
            return self._steps.closed()
        return self._steps.done("unlocked")
