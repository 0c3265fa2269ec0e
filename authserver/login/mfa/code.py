"""/login/mfa: a code of the authenticator app, or a backup code."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.core.database.engine import Transaction
from authserver.login.mfa.half import Entered, SecondHalf, Turn
from authserver.mfa.policy import Method
from authserver.mfa.service import Checked

WRONG = 401


class CodePage:
    """Asks for the second factor."""

    def __init__(self, half: SecondHalf) -> None:
        """Take what the pages of the second factor have in common."""
        self._half = half

    def show(self) -> Response:
        """Show the form, by `method` the one for backup codes."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or turn.partial.proven_at or not turn.partial.has_factor:
            return self._half.back(entry)
        return self._page(turn, _method(request.args.get("method")))

    def submit(self) -> Response:
        """Check the code; on success go to what is next."""
        entry = self._half.entries.load()
        turn, method = self._half.turn(entry), _method(request.form.get("method"))
        if turn is None:
            return self._half.back(entry)
        code = request.form.get("code", "")

        def job(transaction: Transaction) -> tuple[Checked, Entered | None]:
            factors = self._half.tools.factors
            checked = factors.check(transaction, turn.claimed, method, code=code, by=turn.by)
            entered = self._half.enter(transaction, turn, kept=False) if checked.right else None
            return checked, entered

        checked, entered = self._half.tools.database.write(job)
        self._half.tools.wake()
        if checked.partial is not None and not checked.right:
            return self._page(turn, method, status=WRONG)
        return self._half.back(entry, entered)

    def _page(self, turn: Turn, method: Method, *, status: int = 200) -> Response:
        """Return the page. The words are the same for a wrong code and when there were too many."""
        backup, error = method is Method.BACKUP_CODE, None
        if status == WRONG:
            error = (
                _("This backup code is not right, or it was used before.")
                if backup
                else _("This code is not right, or it was used before.")
            )
        return turn.entry.page(
            "login/mfa.html",
            status=status,
            account=self._half.account(turn),
            backup=backup,
            error=error,
        )


def _method(text: str | None) -> Method:
    return Method.BACKUP_CODE if text == Method.BACKUP_CODE.value else Method.TOTP
