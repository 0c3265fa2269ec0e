"""/login/change/password: a password that somebody else set, or wants changed, is replaced.

The last thing before the session: only who has proved password and second factor comes here.
"""

from flask import request
from werkzeug.wrappers import Response

from authserver.accounts.passwords.renewal import PasswordRenewal
from authserver.accounts.passwords.strength import Strength
from authserver.accounts.service import WeakPassword
from authserver.core.database.engine import Transaction
from authserver.login.account.arrive import Entered
from authserver.login.mfa.half import SecondHalf, Turn
from authserver.mfa import partial as partials
from authserver.mfa.partial import Partial
from authserver.oauth.authorize.next_step import Halfway, Step, second_half


class ChangePasswordPage:
    """Takes the new password, and with it begins the session."""

    def __init__(self, half: SecondHalf, renewal: PasswordRenewal) -> None:
        """Take what the pages after the password have in common, and what sets a new one."""
        self._half = half
        self._renewal = renewal

    def show(self) -> Response:
        """Show the form."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or not _is_due(turn.partial):
            return self._half.back(entry)
        return self._page(turn)

    def submit(self) -> Response:
        """Set the password and go on, or say what is missing."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or not _is_due(turn.partial):
            return self._half.back(entry)
        try:
            made = self._renewal.prepare(turn.partial.user, request.form.get("password", ""))
        except WeakPassword as weak:
            return self._page(turn, strength=weak.strength, status=weak.status)
        entered = self._half.tools.database.write(
            lambda transaction: self._set(transaction, turn, made)
        )
        return self._half.back(entry, entered)

    def _set(self, transaction: Transaction, turn: Turn, made: str) -> Entered | None:
        """Set it if it is still due here. The session begins in the same job."""
        claimed, now = turn.claimed, self._half.tools.clock.now()
        partial = partials.locked(transaction, claimed.token, claimed.hop, now=now)
        if partial is None or not _is_due(partial):
            return None
        changed = self._renewal.store(transaction, partial.user, made, actor=turn.by)
        partials.change(transaction, partial, user_epoch=changed.security_epoch)
        return self._half.enter(transaction, turn, kept=False)

    def _page(self, turn: Turn, *, strength: Strength | None = None, status: int = 200) -> Response:
        return turn.entry.page(
            "login/change/password.html",
            status=status,
            account=self._half.account(turn),
            rules=self._renewal.rules(turn.partial.user),
            strength=strength,
        )


def _is_due(partial: Partial) -> bool:
    return second_half(Halfway.of(partial)) is Step.CHANGE_PASSWORD
