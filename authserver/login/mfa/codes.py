"""/login/mfa/codes: the backup codes, shown until the person says that they are kept."""

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.login.mfa.half import SecondHalf, Turn

_FILE = "backup-codes.txt"
_MISSING = 400


class CodesPage:
    """Shows the codes, and gives them as a file."""

    def __init__(self, half: SecondHalf) -> None:
        """Take what the pages of the second factor have in common."""
        self._half = half

    def show(self) -> Response:
        """Show the codes, or send them as a file."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or turn.partial.proven_at is None:
            return self._half.back(entry)
        if request.args.get("as") == "file":
            account = self._half.account(turn)
            return as_file(turn.partial.codes, email=account.email, tenant_name=account.tenant_name)
        return self._page(turn)

    def submit(self) -> Response:
        """Go on when the person says that the codes are kept."""
        entry = self._half.entries.load()
        turn = self._half.turn(entry)
        if turn is None or turn.partial.proven_at is None:
            return self._half.back(entry)
        if request.form.get("kept") != "yes":
            return self._page(turn, status=_MISSING)
        entered = self._half.tools.database.write(
            lambda transaction: self._half.enter(transaction, turn, kept=True)
        )
        return self._half.back(entry, entered)

    def _page(self, turn: Turn, *, status: int = 200) -> Response:
        missing = _("Confirm first that you have kept the codes.")
        return turn.entry.page(
            "login/mfa/codes.html",
            status=status,
            codes=turn.partial.codes,
            error=missing if status == _MISSING else None,
        )


def as_file(codes: tuple[str, ...], *, email: str, tenant_name: str) -> Response:
    """Return backup codes as a text file."""
    title = _("Backup codes of %(email)s at %(tenant)s", email=email, tenant=tenant_name)
    once = _("Each code works once. New codes make these void.")
    response = make_response("\n".join((title, once, "", *codes, "")))
    response.mimetype = "text/plain"
    response.headers["Content-Disposition"] = f'attachment; filename="{_FILE}"'
    return response
