"""Who these pages are for: asked before every view, so that none can forget it.

A browser may be signed in with several accounts. The pages act for one: the account that was chosen
or signed in last. Every form names the account that it was shown for, and is refused when that is
not the one any more: no form ever changes another account than the person saw.

Sensitive is what helps somebody who found an unlocked browser to stay, or to lock its owner out:
ending sessions (ASVS 7.5.2), forgetting devices, whose trust protects the owner from being locked
out by strangers, and every change of a second factor (7.5.1). It takes a sign-in of the last five
minutes, with a second factor if the person has one: a trusted browser is not enough. Taking an
application's access away is not: it gives nobody anything, and who is alarmed should not be held
up.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps

from flask import g, redirect, request, session, url_for
from werkzeug.wrappers import Response

from authserver.accounts import profiles
from authserver.accounts.profiles import Person
from authserver.audit.events import Actor, ActorKind
from authserver.core import web
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.core.problems import NotFound, Problem
from authserver.mfa.left import factors_left
from authserver.oauth.authorize.endpoint import current_browser
from authserver.sessions.cookies import SHOWN_ACCOUNT, CookiePolicy
from authserver.sessions.going_on import GoingOn
from authserver.sessions.models import SECOND_FACTOR
from authserver.sessions.service import LiveSession, SessionService
from authserver.tenants.names import TenantNames

View = Callable[[], Response]

RECENT = timedelta(minutes=5)
ACCOUNT = "account"  # the field of every form that names the session it was shown for


class OtherAccount(Problem):
    """The form was shown for an account that these pages do not act for now."""

    status = 409
    code = "other_account"
    title = "This form belongs to another account"


@dataclass(frozen=True)
class Visitor:
    """Whose pages these are. `others` are the other accounts of the browser."""

    session: LiveSession
    others: tuple[LiveSession, ...]
    person: Person
    actor: Actor

    @property
    def tenant_id(self) -> str:
        """Return the account's tenant."""
        return self.session.tenant_id

    @property
    def id(self) -> str:
        """Return the account's id."""
        return self.session.user.id


class Access:
    """Admits people to these pages."""

    def __init__(
        self,
        sessions: SessionService,
        database: Database,
        *,
        cookies: CookiePolicy,
        clock: Clock,
        names: TenantNames,
        place: Callable[[], str] | None = None,
    ) -> None:
        """Take what knows the sessions and the looks of tenants.

        `place` names the present page for the way back to it.
        """
        self._names = names
        self._sessions = sessions
        self._database = database
        self._cookies = cookies
        self._clock = clock
        self._place = place or page_name

    def admit(self) -> Response | None:
        """Find out who it is, before any view; nobody is sent to sign in and comes back.

        Raises OtherAccount.
        """
        browser = current_browser(self._cookies)
        live = self._sessions.present(browser.session_token, request.environ[web.ISSUER].url)
        if not live:
            return self._to_sign_in(about=None, again=None)
        chosen = _chosen(live)
        with self._database.read() as view:
            person = profiles.read(view, chosen.tenant_id, chosen.user.id)
        others = tuple(one for one in live if one.id != chosen.id)
        actor = replace(browser.actor, kind=ActorKind.USER, principal=chosen.user.id)
        g.visitor = Visitor(chosen, others, person, actor)
        g.locale, g.zone = person.profile.locale, _zone(person)
        g.tenant = self._names.tenant(chosen.tenant_id)
        if request.method == "POST" and request.form.get(ACCOUNT) != chosen.id:
            raise OtherAccount(detail=f"shown for {request.form.get(ACCOUNT)!r}, now {chosen.id}")
        return None

    def choose(self, session_id: str) -> None:
        """Let the pages act for another account of this browser. Raises NotFound."""
        if session_id not in {one.id for one in (visitor().session, *visitor().others)}:
            raise NotFound("There is no such account here.", detail=session_id)
        self.show(session_id)

    def show(self, session_id: str) -> None:
        """Let the pages act for a session that is known to be this browser's."""
        session[SHOWN_ACCOUNT] = [session_id, self._clock.now().isoformat()]

    def browser_token(self) -> str | None:
        """Return the name of the browser."""
        return current_browser(self._cookies).session_token

    def ask_again(self, about: str | None) -> Response | None:
        """Send the person to sign in again unless they just did; they come back to `about`."""
        mine = visitor().session
        if self._clock.now() - mine.auth_time <= RECENT:
            return self.ask_for_the_rest(about)
        return self._to_sign_in(about=about, again=mine.id)

    def ask_for_the_rest(self, about: str | None) -> Response | None:
        """Send the person to sign in again if they have a factor that this session did not see."""
        mine = visitor().session
        if mine.level >= SECOND_FACTOR:
            return None
        with self._database.read() as view:
            left = factors_left(view, mine.user)
        return self._to_sign_in(about=about, again=mine.id) if left else None

    def _to_sign_in(self, *, about: str | None, again: str | None) -> Response:
        url = url_for("login.password", to=self._place(), about=about, account=again)
        return redirect(url, code=303)

    def fresh(self, view: View) -> View:
        """Return a view that is only reached after `ask_again`."""

        @wraps(view)
        def guarded() -> Response:
            return self.ask_again(request.values.get("about")) or view()

        return guarded

    def going_on(self) -> GoingOn:
        """Return what lets this very session go on where everything else of the account ends."""
        name = current_browser(self._cookies).session_token
        return GoingOn(visitor().session.id, name or "")

    def renamed(self, response: Response, going_on: GoingOn) -> Response:
        """Tell the browser its new name, if it got one. Forms of before are void."""
        if going_on.happened:
            session.pop("csrf_token", None)
            cookie = self._cookies.session
            response.set_cookie(cookie.name, going_on.fresh, **cookie.attributes())
        return response


def visitor() -> Visitor:
    """Return who was admitted."""
    found: Visitor = g.visitor
    return found


def page_name() -> str:
    """Return the name of the present page, by which sign-in and navigation know it."""
    return (request.endpoint or "").rpartition(".")[2].removeprefix("change_")


def _zone(person: Person) -> str | None:
    """Return the person's time zone; one that the IANA database dropped is none."""
    return profiles.zones().get((person.profile.zoneinfo or "").lower())


def _chosen(live: list[LiveSession]) -> LiveSession:
    """Return the account to act for: `live` has the newest sign-in first."""
    kept = session.get(SHOWN_ACCOUNT)
    if kept:
        wanted, when = kept
        found = next((one for one in live if one.id == wanted), None)
        if found and datetime.fromisoformat(when) >= live[0].auth_time:
            return found
    return live[0]
