"""/login/passkey: a passkey is all that a sign-in takes."""

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.audit.events import ActorKind
from authserver.core.database.engine import Transaction
from authserver.login.account.arrive import Entered
from authserver.login.entry import Entry
from authserver.login.mfa.half import SecondHalf, Turn, fixed
from authserver.mfa.claims import Claimed
from authserver.mfa.passkeys.signing_in import Attempt, PasskeySignIn
from authserver.oauth.authorize.endpoint import bind
from authserver.passkeys import asking

REFUSED = 401


@dataclass(frozen=True)
class _Begun:
    """A sign-in that is proved, and its session if nothing is missing any more."""

    claimed: Claimed
    entered: Entered | None


class PasskeyPage:
    """Signs in whoever has a passkey: for a client, or for a page of our own."""

    def __init__(self, half: SecondHalf, passkeys: PasskeySignIn) -> None:
        """Take what ends sign-ins, and what knows passkeys."""
        self._half = half
        self._passkeys = passkeys

    def show(self) -> Response:
        """Show the page, for who came here without the sign-in page's button."""
        return self._page(self._half.entries.load())

    def submit(self) -> Response:
        """Answer the script with options, or check what the browser made of them."""
        entry = self._half.entries.load()
        if asking.is_asked():
            return self._options(entry)
        text = asking.answer()
        begun = self._half.tools.database.write(lambda tx: self._enter(tx, entry, text))
        if begun is None:
            return self._page(entry, status=REFUSED)
        if begun.entered is None:
            return self._half.begun(entry, begun.claimed)
        return self._half.back(entry, begun.entered)

    def _options(self, entry: Entry) -> Response:
        text = self._half.tools.database.write(lambda tx: self._passkeys.ask(tx, entry.hop))
        bind(entry.browser)  # the answer must come from the browser that asked
        return asking.options(text)

    def _enter(self, transaction: Transaction, entry: Entry, text: str) -> _Begun | None:
        attempt = Attempt(
            audience=entry.audience,
            organization=entry.organization,
            hop=entry.hop,
            answer=text,
            by=entry.browser.actor,
        )
        begun = self._passkeys.enter(transaction, attempt)
        partial = self._half.tools.factors.find(transaction, begun.claimed) if begun else None
        if begun is None or partial is None:
            return None
        by = replace(entry.browser.actor, kind=ActorKind.USER, principal=partial.user.id)
        meant = fixed(transaction, entry, begun.guest)
        turn = Turn(meant, begun.claimed, partial, by)
        return _Begun(begun.claimed, self._half.enter(transaction, turn, kept=False))

    def _page(self, entry: Entry, *, status: int = 200) -> Response:
        refused = _("This passkey was not accepted.")
        return entry.page(
            "login/passkey.html",
            status=status,
            password_url=entry.url("login.password"),
            error=refused if status == REFUSED else None,
        )
