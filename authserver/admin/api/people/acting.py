"""What is done for people: disabled and enabled, unlocked, mailed, signed out."""

from collections.abc import Callable, Sequence

from authserver.admin.api.people.shown import PersonShown, Reason
from authserver.admin.api.people.tools import LIST, USER, Tools, by, check_unchanged, place, shown
from authserver.admin.rest.operation import Call, Does, Operation, Reply
from authserver.core.database.engine import Transaction
from authserver.roles.catalogue import Permission


class Acting:
    """Acts on people."""

    def __init__(self, tools: Tools) -> None:
        """Take what they are done with."""
        self._tools = tools
        self._acts = tools.acts

    def operations(self) -> Sequence[Operation]:
        """Return what can be asked."""
        write, unlock = Permission.USERS_WRITE, Permission.USERS_UNLOCK
        return (
            _act("disable", write, self.disable_user, summary="Disable an account at once"),
            _act("enable", write, self.enable_user, summary="Let a disabled account work again"),
            _act("unlock", unlock, self.unlock_user, summary="Lift the lock of wrong passwords"),
            _act("send-reset", unlock, self.send_reset, summary="Mail a link for a new password"),
            _act("verify-email", write, self.verify_email, summary="Mail a link for the address"),
            _act(
                "require-password-change", write, self.require_password_change,
                summary="Demand a new password at the next sign-in",
            ),
            _act(
                "sign-out", Permission.SESSIONS_END, self.sign_out_user,
                summary="End every session and token of a person",
            ),
            Operation(
                "POST", f"{USER}/reset-factors", Does.CHANGE, write, self.reset_factors,
                "Take every second factor away", LIST, body=Reason, shows=PersonShown,
                sensitive=True,
            ),
        )  # fmt: skip

    def disable_user(self, transaction: Transaction, call: Call) -> Reply:
        """Disable an account."""
        return self._done(
            transaction,
            call,
            lambda: self._acts.set_enabled(transaction, place(call), enabled=False, by=by(call)),
        )

    def enable_user(self, transaction: Transaction, call: Call) -> Reply:
        """Enable an account."""
        return self._done(
            transaction,
            call,
            lambda: self._acts.set_enabled(transaction, place(call), enabled=True, by=by(call)),
        )

    def unlock_user(self, transaction: Transaction, call: Call) -> Reply:
        """Lift the lock of untrusted devices."""
        return self._done(
            transaction, call, lambda: self._acts.unlock(transaction, place(call), by=by(call))
        )

    def send_reset(self, transaction: Transaction, call: Call) -> Reply:
        """Mail a link for a new password."""
        return self._done(
            transaction,
            call,
            lambda: self._acts.send_reset(transaction, place(call), by=by(call)),
        )

    def verify_email(self, transaction: Transaction, call: Call) -> Reply:
        """Mail a link that proves the address."""
        return self._done(
            transaction,
            call,
            lambda: self._acts.verify_email(transaction, place(call), by=by(call)),
        )

    def require_password_change(self, transaction: Transaction, call: Call) -> Reply:
        """Demand a new password."""
        return self._done(
            transaction,
            call,
            lambda: self._acts.require_password_change(transaction, place(call), by=by(call)),
        )

    def sign_out_user(self, transaction: Transaction, call: Call) -> Reply:
        """End every session and token."""
        return self._done(
            transaction, call, lambda: self._acts.sign_out(transaction, place(call), by=by(call))
        )

    def reset_factors(self, transaction: Transaction, call: Call) -> Reply:
        """Take every second factor away."""
        reason: Reason = call.body
        return self._done(
            transaction,
            call,
            lambda: self._acts.reset_factors(
                transaction, place(call), reason=reason.reason, by=by(call)
            ),
        )

    def _done(self, transaction: Transaction, call: Call, act: Callable[[], object]) -> Reply:
        check_unchanged(transaction, call)
        act()
        return shown(self._tools, transaction, call)


def _act(
    verb: str,
    permission: Permission,
    handler: Callable[[Transaction, Call], Reply],
    *,
    summary: str,
) -> Operation:
    path = f"{USER}/{verb}"
    return Operation(
        "POST", path, Does.CHANGE, permission, handler, summary, LIST, shows=PersonShown
    )
