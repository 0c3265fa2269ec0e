"""/account/security: password, second factors, and the browsers that the account knows."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.account.access import Access, Visitor, visitor
from authserver.account.factors.elsewhere import Elsewhere
from authserver.account.factors.tools import app_view
from authserver.account.passkeys.own import Passkeys
from authserver.account.sign_ins.own import SignIns
from authserver.account.views import Moment, Pages, Question, device_in_words, moment
from authserver.accounts import devices
from authserver.accounts.devices import Known
from authserver.audit.events import EventType
from authserver.core.clock import Clock
from authserver.core.crypto import Keyring
from authserver.core.database.engine import Database, Transaction
from authserver.core.problems import NotFound
from authserver.mfa.notices import Reports, changed
from authserver.mfa.own.service import OwnFactors
from authserver.mfa.own.values import Owned
from authserver.mfa.policy import FEW_CODES, MOST_APPS
from authserver.mfa.trust.service import Trust, Trusted
from authserver.sessions.cookies import CookiePolicy

ALL = "all"
_LINKS = (
    "password",
    "add_factor",
    "rename_factor",
    "remove_factor",
    "backup_codes",
    "end_trust",
    "tenants",
)


class Devices:
    """Knows and forgets the devices of an account."""

    def __init__(
        self,
        database: Database,
        *,
        keyring: Keyring,
        reports: Reports,
        clock: Clock,
    ) -> None:
        """Take what it reads and writes with, and what tells of it."""
        self._database = database
        self._keyring = keyring
        self._reports = reports
        self._clock = clock

    def of(self, who: Visitor, token: str | None) -> list[Known]:
        """Return the devices; `token` is that of the browser that asks."""
        with self._database.read() as view:
            return devices.known_to(
                view,
                who.tenant_id,
                user_id=who.id,
                token=token,
                keyring=self._keyring,
                now=self._clock.now(),
            )

    def forget(self, who: Visitor, ids: list[str]) -> int:
        """Forget devices and mail the person once; return how many were known until now."""

        def job(transaction: Transaction) -> int:
            gone = [
                one
                for one in ids
                if devices.forget(transaction, who.tenant_id, user_id=who.id, device_id=one)
            ]
            if gone:
                self._tell(transaction, who, gone)
            return len(gone)

        return self._database.write(job)

    def _tell(self, transaction: Transaction, who: Visitor, gone: list[str]) -> None:
        user, facts = who.session.user, {"devices": gone}
        self._reports.record(
            transaction, EventType.DEVICE_FORGOTTEN, user, by=who.actor, facts=facts
        )
        message = changed(user, "devices_forgotten", who.actor, now=self._clock.now())
        self._reports.send(transaction, message)


@dataclass(frozen=True)
class DeviceView:
    """A device that the account knows."""

    id: str
    device: str
    handheld: bool
    known: Moment
    used: Moment
    present: bool


@dataclass(frozen=True)
class TrustedView:
    """A browser that the person trusts, as they may recognise it."""

    id: str
    device: str
    handheld: bool
    given: Moment
    ends: Moment
    used: Moment | None
    present: bool


@dataclass(frozen=True)
class Held:
    """What knows the factors of a person, and the browsers that they trust."""

    database: Database
    own: OwnFactors
    trust: Trust
    passkeys: Passkeys
    sign_ins: SignIns

    def of(self, who: Visitor, token: str | None) -> tuple[Owned, list[Trusted], int | None]:
        """Return both, and for how many days another browser can be trusted."""
        user = who.session.user
        with self.database.read() as view:
            return (
                self.own.of(view, user),
                self.trust.of(view, user, token),
                self.trust.offered(view, user),
            )


class SecurityPage:
    """Shows what protects the account, and forgets devices."""

    def __init__(
        self,
        access: Access,
        pages: Pages,
        *,
        known: Devices,
        held: Held,
        elsewhere: Elsewhere,
        cookies: CookiePolicy,
    ) -> None:
        """Take what knows the devices and the factors."""
        self._access = access
        self._pages = pages
        self._known = known
        self._held = held
        self._elsewhere = elsewhere
        self._cookies = cookies

    def show(self) -> Response:
        """Show the page, or ask whether to forget what `about` names. Raises NotFound."""
        found, about = self._devices(), request.args.get("about")
        if about is None:
            return self._page(found)
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

    def _page(self, found: list[Known]) -> Response:
        who = visitor()
        since = who.person.password_changed_at
        shown = request.cookies.get(self._cookies.trust.name)
        owned, trusted, trust_days = self._held.of(who, shown)
        return self._pages.render(
            "account/security.html",
            home=self._elsewhere.home(),
            devices=[_view(one) for one in found],
            password_changed=moment(since) if since else None,
            apps=[app_view(one) for one in owned.apps],
            may_add=len(owned.apps) < MOST_APPS,
            codes_left=owned.codes_left,
            few_codes=owned.codes_left <= FEW_CODES,
            trusted=[_trusted_view(one) for one in trusted],
            trust_days=trust_days,
            passkeys=self._held.passkeys.section(who),
            sign_ins=self._held.sign_ins.section(who),
            urls={name: url_for(f"account.{name}") for name in _LINKS},
        )

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
    return DeviceView(
        id=known.id,
        device=device_in_words(known.device),
        handheld=known.device.handheld,
        known=moment(known.created_at),
        used=moment(known.last_seen_at),
        present=known.present,
    )


def _trusted_view(trusted: Trusted) -> TrustedView:
    return TrustedView(
        id=trusted.id,
        device=device_in_words(trusted.device),
        handheld=trusted.device.handheld,
        given=moment(trusted.created_at),
        ends=moment(trusted.expires_at),
        used=moment(trusted.last_used_at) if trusted.last_used_at else None,
        present=trusted.present,
    )


def _question(about: str) -> Question:
    effect = _(
        "Wrong passwords from there then count like those of a stranger. Nobody is signed out."
    )
    if about == ALL:
        return Question(_("Forget all devices?"), effect, _("Forget all"), about)
    return Question(_("Forget this device?"), effect, _("Forget device"), about)
