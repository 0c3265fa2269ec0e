"""What these pages know and change of an account's passkeys, each change as a job of its own."""

from dataclasses import dataclass

from flask import request, url_for

from authserver.account.access import Visitor, visitor
from authserver.account.factors.tools import Tools
from authserver.account.views import Moment, moment
from authserver.core import web
from authserver.mfa.own.changes import Loss
from authserver.mfa.own.values import Keep
from authserver.mfa.passkeys.own import Added, OwnPasskeys
from authserver.passkeys.credentials import Listed


@dataclass(frozen=True)
class PasskeyView:
    """A passkey as pages show it."""

    id: str
    name: str
    synced: bool
    added: Moment
    used: Moment | None


@dataclass(frozen=True)
class Section:
    """What /account/security shows: the passkeys, and whether another can be added."""

    passkeys: tuple[PasskeyView, ...]
    room: bool
    url: str


class Passkeys:
    """Knows and changes the passkeys of the person who asks."""

    def __init__(self, tools: Tools, own: OwnPasskeys) -> None:
        """Take what the pages of the factors have in common, and what changes passkeys."""
        self._tools = tools
        self._own = own

    def section(self, who: Visitor) -> Section | None:
        """Return the section of the security page; None where there can be no passkeys.

        A guest signs in through the home account, and so does its passkey.
        """
        if not self._own.usable or who.person.home_user_id is not None:
            return None
        with self._tools.database.read() as view:
            shown = tuple(_view(one) for one in self._own.of(view, who.session.user))
        here = request.environ[web.ISSUER].has_passkeys
        more = here and len(shown) < self._own.most
        return Section(shown, more, url_for("account.passkeys"))

    def factors(self) -> int:
        """Return how many second factors the person has, of any kind."""
        return self._tools.owned().factors

    def may_remove(self, passkey_id: str) -> bool:
        """Tell whether a passkey may go."""
        with self._tools.database.read() as view:
            return self._own.may_remove(view, visitor().session.user, passkey_id)

    def offer(self) -> str | None:
        """Return the options for another passkey."""
        return self._tools.write(self._own.offer)

    def add(self, answer: str, *, keep: Keep) -> Added | None:
        """Store what the browser made."""
        return self._tools.write(lambda tx, who: self._own.add(tx, who, answer, keep=keep))

    def rename(self, passkey_id: str, name: str) -> str:
        """Call a passkey something else. Raises UnfitFactorName, NotFound, Refused."""
        return self._tools.write(lambda tx, who: self._own.rename(tx, who, passkey_id, name=name))

    def remove(self, passkey_id: str, *, keep: Keep) -> Loss:
        """Take a passkey away. Raises NotFound, LastFactor."""
        return self._tools.write(lambda tx, who: self._own.remove(tx, who, passkey_id, keep=keep))


def _view(one: Listed) -> PasskeyView:
    used = moment(one.last_used_at) if one.last_used_at else None
    return PasskeyView(one.id, one.name, one.synced, moment(one.created_at), used)
