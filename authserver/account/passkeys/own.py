"""What these pages know and change of an account's passkeys, each change as a job of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import after_this_request, request, session, url_for
from werkzeug.wrappers import Response

from authserver.account.access import Visitor
from authserver.account.views import Moment, moment
from authserver.core.database.engine import Database, Transaction
from authserver.mfa.passkeys.own import Added, Keep, Owner, OwnPasskeys
from authserver.passkeys.credentials import Listed
from authserver.sessions.cookies import CookiePolicy
from authserver.sessions.going_on import GoingOn

T = TypeVar("T")


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
    """Knows and changes the passkeys of an account."""

    def __init__(
        self,
        database: Database,
        own: OwnPasskeys,
        *,
        cookies: CookiePolicy,
        wake: Callable[[], None],
    ) -> None:
        """Take what changes them; `wake` is called when there is a mail to send."""
        self._database = database
        self._own = own
        self._cookies = cookies
        self._wake = wake

    def section(self, who: Visitor) -> Section | None:
        """Return the section of the security page; None where there can be no passkeys.

        A guest signs in through the home account, and so does its passkey.
        """
        if not self._own.usable or who.person.home_user_id is not None:
            return None
        shown = tuple(_view(one) for one in self.of(who))
        return Section(shown, len(shown) < self._own.most, url_for("account.passkeys"))

    def of(self, who: Visitor) -> list[Listed]:
        """Return the passkeys of an account."""
        with self._database.read() as view:
            return self._own.of(view, who.session.user)

    def may_remove(self, who: Visitor, passkey_id: str) -> bool:
        """Tell whether a passkey may go."""
        with self._database.read() as view:
            return self._own.may_remove(view, who.session.user, passkey_id)

    def offer(self, who: Visitor) -> str | None:
        """Return the options for another passkey."""
        return self._change(lambda tx: self._own.offer(tx, self._owner(who)))

    def add(self, who: Visitor, answer: str) -> Added | None:
        """Store what the browser made."""
        owner, kept = self._owner(who), self._goes_on(who)

        def keep(methods: tuple[str, ...]) -> Keep:
            kept.methods = methods
            return kept

        added = self._change(lambda tx: self._own.add(tx, owner, answer, keep=keep))
        self._rename_browser(kept)
        return added

    def keep_codes(self, who: Visitor) -> None:
        """Let backup codes count that were shown."""
        self._change(lambda tx: self._own.keep_codes(tx, self._owner(who)))

    def rename(self, who: Visitor, passkey_id: str, name: str) -> str:
        """Call a passkey something else. Raises NotFound, Refused."""
        return self._change(
            lambda tx: self._own.rename(tx, self._owner(who), passkey_id, name=name)
        )

    def remove(self, who: Visitor, passkey_id: str) -> str:
        """Take a passkey away. Raises NotFound, LastFactor."""
        owner, kept = self._owner(who), self._goes_on(who)
        name = self._change(lambda tx: self._own.remove(tx, owner, passkey_id, keep=kept))
        self._rename_browser(kept)
        return name

    def _change(self, job: Callable[[Transaction], T]) -> T:
        done = self._database.write(job)
        self._wake()
        return done

    def _owner(self, who: Visitor) -> Owner:
        return Owner(who.session.user, who.session.id, self._browser(), who.actor)

    def _goes_on(self, who: Visitor) -> GoingOn:
        """Return what lets the visitor's session go on when everything else ends."""
        return GoingOn(who.session.id, self._browser())

    def _browser(self) -> str:
        return request.cookies.get(self._cookies.session.name, "")

    def _rename_browser(self, kept: GoingOn) -> None:
        """Tell the browser its new name, if it got one. Forms of before are void."""
        if not kept.happened:
            return
        session.pop("csrf_token", None)
        cookie = self._cookies.session

        def tell(response: Response) -> Response:
            response.set_cookie(cookie.name, kept.fresh, **cookie.attributes())
            return response

        after_this_request(tell)


def _view(one: Listed) -> PasskeyView:
    used = moment(one.last_used_at) if one.last_used_at else None
    return PasskeyView(one.id, one.name, one.synced, moment(one.created_at), used)
