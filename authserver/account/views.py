"""What the templates of these pages are given: values made for reading, nothing to call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import g, get_flashed_messages, render_template, request, url_for
from flask_babel import format_date, format_time
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.account.access import page_name, visitor
from authserver.core.net.browsers import Device
from authserver.sessions.service import LiveSession
from authserver.tenants.names import TenantNames
from authserver.tenants.policy import DATE_PATTERNS

# Pages that are reached from another one: the navigation shows where one is.
BELOW = (
    {"email": "profile", "picture": "profile"}
    | dict.fromkeys(
        (
            "password",
            "add_factor",
            "rename_factor",
            "remove_factor",
            "backup_codes",
            "end_trust",
            "passkeys",
            "sign_ins",
        ),
        "security",
    )
    | {"privacy_export": "privacy", "erasure": "privacy"}
)
PAGES = (
    "overview", "profile", "security", "sessions", "applications", "api_keys", "tenants",
    "privacy",
)  # fmt: skip


@dataclass(frozen=True)
class AccountView:
    """An account of this browser. `id` is that of its session."""

    id: str
    name: str
    email: str
    tenant_name: str
    picture_url: str | None = None


@dataclass(frozen=True)
class Moment:
    """A time in the person's zone and language, and its exact value."""

    text: str
    exact: str


@dataclass(frozen=True)
class Link:
    """An entry of the navigation."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True)
class Question:
    """What is asked before something ends: the act, and the value that its form sends.

    `grave`: something is lost by it.
    """

    title: str
    text: str
    button: str
    about: str
    grave: bool = True


class Pages:
    """Renders a page in the frame that all of them share."""

    def __init__(
        self,
        names: TenantNames,
        more: Callable[[], Sequence[Link]] = lambda: (),
        *,
        administers: Callable[[str, str], bool] = lambda _tenant_id, _user_id: False,
    ) -> None:
        """Take what knows names of tenants, more links, and who administers anything."""
        self._names = names
        self._more = more
        self._administers = administers

    def render(self, template: str, *, status: int = 200, **context: object) -> Response:
        """Return a page."""
        who = visitor()
        page = render_template(
            template,
            me=self.account(who.session),
            others=[self.account(one) for one in who.others],
            navigation=[*navigation(page_name()), *self._more()],
            here=url_for(f"{request.blueprint}.{page_name()}"),
            switch_url=url_for("account.tenants"),
            logout_url=url_for("login.logout"),
            console_url=url_for("console.home")
            if self._administers(who.tenant_id, who.id)
            else None,
            messages=get_flashed_messages(category_filter=["message"]),
            alerts=get_flashed_messages(category_filter=["error"]),
            **context,
        )
        return Response(page, status, mimetype="text/html")

    def confirm(self, question: Question) -> Response:
        """Ask before something ends."""
        return self.render("account/confirm.html", question=question)

    def account(self, session: LiveSession) -> AccountView:
        """Return an account as pages show it."""
        user = session.user
        tenant, picture = self.tenant(session.tenant_id), picture_url(user.picture_id)
        return AccountView(session.id, user.name, user.email, tenant, picture)

    def tenant(self, tenant_id: str) -> str:
        """Return a tenant's name."""
        return self._names.of(tenant_id)


def picture_url(picture_id: str | None) -> str | None:
    """Return where a picture is, None where there is none."""
    return url_for("pictures.image", picture_id=picture_id) if picture_id else None


def navigation(current: str) -> list[Link]:
    """Return the links to every page of the account."""
    titles: Mapping[str, str] = {
        "overview": _("Overview"),
        "profile": _("Profile"),
        "security": _("Security"),
        "sessions": _("Sessions"),
        "applications": _("Applications"),
        "api_keys": _("API keys"),
        "tenants": _("Organizations"),
        "privacy": _("Privacy"),
    }
    shown = BELOW.get(current, current)
    return [Link(titles[name], url_for(f"account.{name}"), name == shown) for name in PAGES]


def moment(when: datetime) -> Moment:
    """Return a time as pages show it: to the minute, the exact value beside it (RFC 3339)."""
    tenant = g.get("tenant")
    pattern = DATE_PATTERNS.get(tenant.date_format if tenant else None, "medium")
    text = f"{format_date(when, pattern)}, {format_time(when, 'short')}"
    return Moment(text, when.isoformat(timespec="seconds"))


def device_in_words(device: Device) -> str:
    """Return e.g. `Firefox on Linux`."""
    both = _("%(browser)s on %(system)s", browser=device.browser, system=device.system)
    one = device.browser or device.system or _("Unknown device")
    return str(both if device.browser and device.system else one)
