"""/login/mfa/setup: an authenticator app is connected, and proves it with a first code."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.core.database.engine import Transaction
from authserver.login.mfa.code import WRONG
from authserver.login.mfa.half import Entered, SecondHalf, Turn
from authserver.mfa import totp
from authserver.mfa.claims import Checked


class SetupPage:
    """Connects an app."""

    def __init__(self, half: SecondHalf) -> None:
        """Take what the pages of the second factor have in common."""
        self._half = half

    def show(self) -> Response:
        """Show the secret, the same as long as this sign-in lasts."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        return self._half.back(entry) if turn is None else self._page(turn)

    def submit(self) -> Response:
        """Check the first code; on success go to what is next."""
        entry = self._half.entries.load()
        turn, code = self._half.turn(entry), request.form.get("code", "")
        if turn is None:
            return self._half.back(entry)

        def job(transaction: Transaction) -> tuple[Checked, Entered | None]:
            factors = self._half.tools.factors
            checked = factors.confirm(transaction, turn.claimed, code=code, by=turn.by)
            entered = self._half.enter(transaction, turn, kept=False) if checked.right else None
            return checked, entered

        checked, entered = self._half.tools.database.write(job)
        self._half.tools.wake()
        if checked.partial is not None and not checked.right:
            return self._page(turn, status=WRONG)
        return self._half.back(entry, entered)

    def _page(self, turn: Turn, *, status: int = 200) -> Response:
        tools = self._half.tools
        seed = tools.database.write(lambda tx: tools.factors.set_up(tx, turn.claimed))
        if seed is None:
            return self._half.back(turn.entry)
        account = self._half.account(turn)
        return turn.entry.page(
            "login/mfa/setup.html",
            status=status,
            account=account,
            secret=totp.secret(seed, account=account.email, issuer=account.tenant_name),
            passkey_url=turn.entry.url("login.mfa_passkey_setup")
            if tools.passkeys.usable
            else None,
            error=_("This code is not right.") if status == WRONG else None,
        )
