"""/login/mfa: a code of the authenticator app, or a backup code."""

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.core.database.engine import Transaction
from authserver.login.mfa.half import SecondHalf, Turn
from authserver.mfa import partial as partials
from authserver.mfa.claims import Checked
from authserver.mfa.policy import Method

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
        if self._has_passkey(turn) and "method" not in request.args:
            return redirect(entry.url("login.mfa_passkey"), code=303)
        # Without an app, where no passkey can be used, a backup code is what is left.
        left = None if turn.partial.has_app else Method.BACKUP_CODE.value
        return self._page(turn, _method(request.args.get("method", left)))

    def _has_passkey(self, turn: Turn) -> bool:
        return turn.partial.has_passkey and self._half.tools.passkeys_here

    def submit(self) -> Response:
        """Check the code; on success go to what is next."""
        entry = self._half.entries.load()
        turn, method = self._half.turn(entry), _method(request.form.get("method"))
        if turn is None:
            return self._half.back(entry)
        code, trusts = request.form.get("code", ""), request.form.get("trust") == "yes"

        def check(transaction: Transaction) -> Checked:
            factors = self._half.tools.factors
            checked = factors.check(transaction, turn.claimed, method, code=code, by=turn.by)
            # A backup code is for the day when the own devices are not at hand.
            if checked.right and checked.partial and trusts and method is Method.TOTP:
                partials.change(transaction, checked.partial, trusts=True)
            return checked

        return self._half.attempt(turn, check, wrong=lambda: self._page(turn, method, status=WRONG))

    def _page(self, turn: Turn, method: Method, *, status: int = 200) -> Response:
        """Return the page. The words are the same for a wrong code and when there were too many."""
        backup, error = method is Method.BACKUP_CODE, None
        if status == WRONG:
            error = (
                _("This backup code is not right, or it was used before.")
                if backup
                else _("This code is not right, or it was used before.")
            )
        tools = self._half.tools
        with tools.database.read() as view:
            days = None if backup else tools.factors.trust.offered(view, turn.partial.user)
        return turn.entry.page(
            "login/mfa.html",
            status=status,
            account=self._half.account(turn),
            backup=backup,
            trust_days=days,
            has_app=turn.partial.has_app,
            passkey_url=turn.entry.url("login.mfa_passkey") if self._has_passkey(turn) else None,
            error=error,
        )


def _method(text: str | None) -> Method:
    return Method.BACKUP_CODE if text == Method.BACKUP_CODE.value else Method.TOTP
