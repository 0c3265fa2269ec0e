"""/account/security: the password's age, and the browsers that the account knows."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.account.access import Access, Visitor, visitor
from authserver.account.views import AccountView, Moment, Pages, Question, moment
from authserver.accounts import devices, directory
from authserver.accounts.devices import Known
from authserver.accounts.directory import UserSnapshot
from authserver.audit.events import Event, EventType
from authserver.audit.service import Trail
from authserver.core.clock import Clock
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import NotFound
from authserver.sessions.cookies import CookiePolicy

ALL = "all"


class Devices:
    """Knows and forgets the devices of an account."""

    def __init__(self, database: Database, *, trail: Trail, clock: Clock) -> None:
        """Take what it reads, writes and records with."""
        self._database = database
        self._trail = trail
        self._clock = clock

    def of(self, who: Visitor, token: str | None) -> list[Known]:
        """Return the devices; `token` is that of the browser that asks."""
        with self._database.read() as view:
            return devices.known_to(
                view, who.tenant_id, user_id=who.id, token=token, now=self._clock.now()
            )

    def home_of(self, home_user_id: str) -> UserSnapshot | None:
        """Return the home account of a guest."""
        with self._database.read() as view:
            return directory.home_of(view, home_user_id)

    def forget(self, who: Visitor, ids: list[str]) -> int:
        """Forget devices; return how many were known until now."""

        def job(transaction: Transaction) -> int:
            gone = [
                one
                for one in ids
                if devices.forget(transaction, who.tenant_id, user_id=who.id, device_id=one)
            ]
            if gone:
                event = Event(
                    EventType.DEVICE_FORGOTTEN,
                    who.tenant_id,
                    who.actor,
                    subject=who.id,
                    facts={"devices": gone},
                )
                self._trail.record(transaction, event)
            return len(gone)

        return self._database.write(job)


@dataclass(frozen=True)
class DeviceView:
    """A device that the account knows."""

    id: str
    known: Moment
    used: Moment
    present: bool


class SecurityPage:
    """Shows what protects the account, and forgets devices."""

    def __init__(
        self, access: Access, pages: Pages, *, known: Devices, cookies: CookiePolicy
    ) -> None:
        """Take what knows the devices."""
        self._access = access
        self._pages = pages
        self._known = known
        self._cookies = cookies

    def show(self) -> Response:
        """Show the page, or ask whether to forget what `about` names. Raises NotFound."""
        found, about = self._devices(), request.args.get("about")
        changed = visitor().person.password_changed_at
        if about is None:
            return self._pages.render(
                "account/security.html",
                devices=[_view(one) for one in found],
                password_changed=moment(changed) if changed else None,
                home=self._home(),
            )
        _chosen(found, about)
        if again := self._access.ask_again(about):
            return again
        return self._pages.confirm(_question(about))

    def submit(self) -> Response:
        """Forget one device, or all. Raises NotFound."""
        about = request.form.get("about", "")
        ids = _chosen(self._devices(), about)
        if again := self._access.ask_again(about):
            return again
        gone = self._known.forget(visitor(), ids)
        flash(ngettext("One device was forgotten.", "%(num)s devices were forgotten.", gone))
        return redirect(url_for("account.security"), code=303)

    def _home(self) -> AccountView | None:
        """Return the account that a guest signs in with: password and factors are there."""
        home_id = visitor().person.home_user_id
        home = self._known.home_of(home_id) if home_id else None
        if home is None:
            return None
        return AccountView("", home.name, home.email, self._pages.tenant(home.tenant_id))

    def _devices(self) -> list[Known]:
        return self._known.of(visitor(), request.cookies.get(self._cookies.device.name))


def _chosen(found: list[Known], about: str) -> list[str]:
    ids = [one.id for one in found]
    if about == ALL:
        return ids
    if about not in ids:
        raise NotFound("There is no such device.", detail=about)
    return [about]


def _view(known: Known) -> DeviceView:
    return DeviceView(known.id, moment(known.created_at), moment(known.last_seen_at), known.present)


def _question(about: str) -> Question:
    effect = _(
        "Wrong passwords from there then count like those of a stranger. Nobody is signed out."
    )
    if about == ALL:
        return Question(_("Forget all devices?"), effect, _("Forget all"), about)
    return Question(_("Forget this device?"), effect, _("Forget device"), about)
