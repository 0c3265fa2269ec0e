"""/account: what needs attention, and the way to the rest."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.account.access import Visitor, visitor
from authserver.account.applications.page import Applications
from authserver.account.sign_ins.own import SignIns
from authserver.account.views import Moment, Pages, moment
from authserver.accounts.attempts.lockout import Failures, since_the_last_sign_in
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.mfa.own.service import OwnFactors
from authserver.mfa.own.values import Owned
from authserver.mfa.policy import FEW_CODES
from authserver.roles.catalogue import BUILTIN
from authserver.roles.service import Assignment, RoleService
from authserver.sessions.own import OwnSessions

_LINKS = ("sessions", "applications", "email")
RECENTLY = timedelta(days=1)  # since a lock ended


@dataclass(frozen=True)
class Way:
    """A link in words."""

    title: str
    url: str


@dataclass(frozen=True)
class Attention:
    """Something the person should look at. `urgent` comes first and in the colour of errors.

    `links` lead to where it is mended; `verifies`: a button sends a link to the address.
    """

    title: str
    text: str
    links: tuple[Way, ...] = ()
    urgent: bool = False
    verifies: bool = False


@dataclass(frozen=True)
class Factors:
    """What knows by what a person signs in, and whether there can be passkeys at this host."""

    own: OwnFactors
    passkeys: bool
    sign_ins: SignIns


@dataclass(frozen=True)
class Held:
    """What knows where a person is signed in, what has access, and which roles they hold."""

    sessions: OwnSessions
    applications: Applications
    roles: RoleService


@dataclass(frozen=True)
class OwnRole:
    """A role that the person holds. `text` says what it is for, `until` when it ends, if ever."""

    name: str
    text: str
    until: Moment | None


class OverviewPage:
    """Puts together what the other pages know."""

    def __init__(
        self,
        pages: Pages,
        database: Database,
        *,
        held: Held,
        factors: Factors,
        clock: Clock,
    ) -> None:
        """Take what knows the account."""
        self._pages = pages
        self._database = database
        self._held = held
        self._factors = factors
        self._clock = clock

    def show(self) -> Response:
        """Show the page."""
        who = visitor()
        with self._database.read() as view:
            failures = since_the_last_sign_in(view, who.tenant_id, who.id)
            sessions = len(self._held.sessions.live(view, who.session))
            owned = self._factors.own.of(view, who.session.user)
            roles = self._held.roles.assignments_of(view, who.tenant_id, who.id)
        return self._pages.render(
            "account/overview.html",
            attention=[
                *_attention(who, failures, self._clock.now()),
                *_about_factors(who, owned, passkeys=self._factors.passkeys),
            ],
            roles=[_role(one) for one in roles],
            sessions=sessions,
            applications=len(self._held.applications.of(who)),
            sign_ins=self._factors.sign_ins.section(who),
            urls={name: url_for(f"account.{name}") for name in _LINKS},
        )


def _role(one: Assignment) -> OwnRole:
    """Return a role as its holder sees it; of a tenant's own one, tokens have the tenant before."""
    known = BUILTIN.get(one.role)
    text = str(_(known.description)) if known else ""
    return OwnRole(one.role.rpartition("/")[2], text, moment(one.until) if one.until else None)


def _attention(who: Visitor, failures: Failures, now: datetime) -> list[Attention]:
    found = []
    if failures.locked_until and failures.locked_until > now - RECENTLY:
        text = _(
            "After too many wrong passwords, nobody could sign in with a new device until %(time)s."
            " If those were not yours, somebody was trying to get in.",
            time=moment(failures.locked_until).text,
        )
        found.append(_urgent(_("New devices were locked out"), text))
    elif failures.count:
        title = ngettext(
            "One wrong password since you signed in",
            "%(num)s wrong passwords since you signed in",
            failures.count,
        )
        found.append(_urgent(title, _("If that was not you, somebody may be trying to get in.")))
    if not who.person.email_verified:
        found.append(_about_address(who))
    return found


def _about_address(who: Visitor) -> Attention:
    """Return what is said of an address that nobody confirmed; a guest's is confirmed at home."""
    title = _("Unconfirmed email address")
    text = _("Nobody has confirmed yet that %(email)s is yours.", email=who.person.email)
    if who.person.home_user_id is not None:
        return Attention(title, text)
    more = _("Open the link that we send there; you then choose a new password.")
    return Attention(title, f"{text} {more}", verifies=True)


def _about_factors(who: Visitor, owned: Owned, *, passkeys: bool) -> list[Attention]:
    if who.person.home_user_id is not None:
        return []
    if not owned.factors:
        return [_no_factor(passkeys=passkeys)]
    if owned.codes_left > FEW_CODES:
        return []
    title = ngettext(
        "Only %(num)s backup code left", "Only %(num)s backup codes left", owned.codes_left
    )
    text = _("Without one, a lost phone locks you out until an administrator helps.")
    way = Way(_("Make new backup codes"), url_for("account.backup_codes"))
    return [Attention(title if owned.codes_left else _("No backup codes left"), text, (way,))]


def _no_factor(*, passkeys: bool) -> Attention:
    app = Way(_("Set up an authenticator app"), url_for("account.add_factor"))
    if not passkeys:
        text = _("Whoever learns your password can sign in as you. A code from an app stops them.")
        return Attention(_("No second factor"), text, (app,))
    text = _("Whoever learns your password can sign in as you. A passkey or an app stops them.")
    passkey = Way(_("Add a passkey"), url_for("account.passkeys", about="new"))
    return Attention(_("No second factor"), text, (passkey, app))


def _urgent(title: str, text: str) -> Attention:
    way = Way(_("Look at security"), url_for("account.security"))
    return Attention(title, text, (way,), urgent=True)
