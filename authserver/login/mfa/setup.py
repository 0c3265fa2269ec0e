"""/login/mfa/setup: an authenticator app is connected, and proves it with a first code."""

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.login.mfa.code import WRONG
from authserver.login.mfa.half import SecondHalf, Turn
from authserver.mfa import totp


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
        factors = self._half.tools.factors
        return self._half.attempt(
            turn,
            lambda tx: factors.confirm(tx, turn.claimed, code=code, by=turn.by),
            wrong=lambda: self._page(turn, status=WRONG),
        )

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
            passkey_url=turn.entry.url("login.mfa_passkey_setup") if tools.passkeys_here else None,
            error=_("This code is not right.") if status == WRONG else None,
        )
