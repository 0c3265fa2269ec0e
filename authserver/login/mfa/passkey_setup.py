"""/login/mfa/passkey-setup: a passkey as the first second factor."""

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.login.mfa.code import WRONG
from authserver.login.mfa.half import SecondHalf, Turn
from authserver.mfa.passkeys.signing_in import PasskeySignIn
from authserver.passkeys import asking


class PasskeySetupPage:
    """Makes a passkey where a second factor is demanded and there is none."""

    def __init__(self, half: SecondHalf, passkeys: PasskeySignIn) -> None:
        """Take what the pages of the second factor have in common, and what knows passkeys."""
        self._half = half
        self._passkeys = passkeys

    def show(self) -> Response:
        """Show the page."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or not turn.partial.may_set_up:
            return self._half.back(entry)
        return self._page(turn)

    def submit(self) -> Response:
        """Answer the script with options, or store what was made; then go to what is next."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None:
            return self._half.back(entry)
        if asking.is_asked():
            return asking.options(
                self._half.tools.database.write(
                    lambda tx: self._passkeys.ask_set_up(tx, turn.claimed)
                )
            )
        text = asking.answer()

        return self._half.attempt(
            turn,
            lambda tx: self._passkeys.set_up(tx, turn.claimed, text, by=turn.by),
            wrong=lambda: self._page(turn, status=WRONG),
        )

    def _page(self, turn: Turn, *, status: int = 200) -> Response:
        return turn.entry.page(
            "login/mfa/passkey_setup.html",
            status=status,
            account=self._half.account(turn),
            app_url=turn.entry.url("login.mfa_setup"),
            error=_("No passkey was stored: the answer was not accepted.")
            if status == WRONG
            else None,
        )
