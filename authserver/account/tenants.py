"""/account/tenants: the organisations of a person, and which account these pages act for."""

from dataclasses import dataclass

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import Access, page_name, visitor
from authserver.account.views import AccountView, Pages, Question, picture_url
from authserver.accounts import directory
from authserver.accounts.directory import Guest
from authserver.core import web
from authserver.core.database.engine import Database
from authserver.core.net.browsers import describe
from authserver.core.problems import NotFound
from authserver.sessions.guests import GuestSessions
from authserver.sessions.models import SECOND_FACTOR
from authserver.sessions.service import LiveSession


@dataclass(frozen=True)
class Openable:
    """A guest account that is not open here."""

    account: AccountView
    can_open: bool


class TenantsPage:
    """Lists the accounts of this browser and the person's guest accounts; switches and opens."""

    def __init__(
        self, access: Access, pages: Pages, *, database: Database, guests: GuestSessions
    ) -> None:
        """Take what knows accounts, and what opens guests."""
        self._access = access
        self._pages = pages
        self._database = database
        self._guests = guests

    def show(self) -> Response:
        """Show the lists, or ask whether to open the guest account that `about` names."""
        about = request.args.get("about")
        if about:
            guest = self._guest(about)
            return self._ask_again(guest) or self._pages.confirm(self._question(guest))
        here = {one.user.id for one in _here()}
        unopened = [guest for guest in self._mine() if guest.user.id not in here]
        return self._pages.render(
            "account/tenants.html",
            guests=[self._openable(guest) for guest in unopened],
            sign_in_url=url_for("login.password", to="overview"),
        )

    def submit(self) -> Response:
        """Let these pages act for another account of this browser. Raises NotFound, Refused."""
        about = request.form.get("about")
        if about:
            guest = self._guest(about)
            if again := self._ask_again(guest):
                return again
            self._open(guest)
        else:
            self._access.choose(request.form.get("switch", ""))
        return redirect(url_for("account.overview"), code=303)

    def _mine(self) -> list[Guest]:
        who = visitor()
        with self._database.read() as view:
            return directory.guests_of(view, who.person.home_user_id or who.id)

    def _guest(self, guest_id: str) -> Guest:
        """Return a guest account that can be opened here. Raises NotFound."""
        found = next((guest for guest in self._mine() if guest.user.id == guest_id), None)
        if found is None or not _can_open(found):
            raise NotFound("There is no such account here.", detail=guest_id)
        return found

    def _ask_again(self, guest: Guest) -> Response | None:
        """Send the person to a sign-in with a second factor where the guest's tenant demands it."""
        home = _home(guest)
        if home is None or not guest.mfa_required or home.level >= SECOND_FACTOR:
            return None
        url = url_for("login.password", to=page_name(), about=guest.user.id, account=home.id)
        return redirect(url, code=303)

    def _open(self, guest: Guest) -> None:
        who, home = visitor(), _home(guest)
        token = self._access.browser_token()
        if home is None or token is None:
            raise NotFound("There is no such account here.", detail=guest.user.id)
        device = describe(who.actor.user_agent)
        opened = self._database.write(
            lambda transaction: self._guests.open(
                transaction,
                home,
                guest.user.id,
                actor=who.actor,
                device=device,
                browser_token=token,
            )
        )
        self._access.show(opened.id)

    def _openable(self, guest: Guest) -> Openable:
        user = guest.user
        tenant, picture = self._pages.tenant(user.tenant_id), picture_url(user.picture_id)
        view = AccountView(user.id, user.name, user.email, tenant, picture)
        return Openable(view, _can_open(guest))

    def _question(self, guest: Guest) -> Question:
        tenant = self._pages.tenant(guest.user.tenant_id)
        return Question(
            _("Open your account at %(tenant)s?", tenant=tenant),
            _("These pages then show your guest account there. You stay signed in here."),
            _("Open account"),
            guest.user.id,
        )


def _here() -> tuple[LiveSession, ...]:
    who = visitor()
    return (who.session, *who.others)


def _home(guest: Guest) -> LiveSession | None:
    return next((one for one in _here() if one.user.id == guest.user.home_user_id), None)


def _can_open(guest: Guest) -> bool:
    """Tell whether the home account is signed in here, and the issuer is not another tenant's."""
    owner = request.environ[web.ISSUER].tenant_id
    return _home(guest) is not None and owner in {None, guest.user.tenant_id}
