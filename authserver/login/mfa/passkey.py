"""/login/mfa/passkey: a passkey after the password."""

from flask import redirect
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.login.mfa.code import WRONG
from authserver.login.mfa.half import SecondHalf, Turn
from authserver.mfa.passkeys.signing_in import PasskeySignIn
from authserver.mfa.policy import Method
from authserver.passkeys import asking


class PasskeyFactorPage:
    """Asks for a passkey as the second factor."""

    def __init__(self, half: SecondHalf, passkeys: PasskeySignIn) -> None:
        """Take what the pages of the second factor have in common, and what knows passkeys."""
        self._half = half
        self._passkeys = passkeys

    def show(self) -> Response:
        """Show the page."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or turn.partial.proven_at or not turn.partial.has_passkey:
            return self._half.back(entry)
        if not self._half.tools.passkeys_here:
            return redirect(entry.url("login.mfa"), code=303)
        return self._page(turn)

    def submit(self) -> Response:
        """Answer the script with options, or check the passkey; on success go to what is next."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None:
            return self._half.back(entry)
        if asking.is_asked():
            return asking.options(
                self._half.tools.database.write(
                    lambda tx: self._passkeys.ask_second(tx, turn.claimed)
                )
            )
        text = asking.answer()

        return self._half.attempt(
            turn,
            lambda tx: self._passkeys.check(tx, turn.claimed, text, by=turn.by),
            wrong=lambda: self._page(turn, status=WRONG),
        )

    def _page(self, turn: Turn, *, status: int = 200) -> Response:
        return turn.entry.page(
            "login/mfa/passkey.html",
            status=status,
            account=self._half.account(turn),
            app_url=turn.entry.url("login.mfa", method=Method.TOTP.value)
            if turn.partial.has_app
            else None,
            backup_url=turn.entry.url("login.mfa", method=Method.BACKUP_CODE.value),
            error=_("This passkey was not accepted.") if status == WRONG else None,
        )
