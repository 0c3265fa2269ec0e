"""/console/tenants/<id>/policy: what a tenant asks of its people, and how they come in."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.policy import PolicyShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Heading, Kind
from authserver.admin.console.parts.lists import Action
from authserver.admin.console.screen import Screen, Tab


class PolicyScreens:
    """Screens about the policy."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = "/tenants/<tenant_id>/policy"
        tab = Tab("tenant", _l("Policy"))
        return (
            Screen(one, "policy", self.show, "read_policy", tab=tab, below="tenant"),
            Screen(f"{one}/change", "change_policy", self.change, "change_policy", below="tenant"),
        )

    def show(self, tenant_id: str) -> Response:
        """Show the policy."""
        one, _version = self._read(tenant_id)
        url = url_for("console.change_policy", tenant_id=tenant_id)
        tenant = self._console.read("read_tenant", TenantShown, {"tenant_id": tenant_id})[0]
        change = Action(_("Change"), url, "change_policy", "primary")
        return self._console.show_detail(
            Detail(
                tenant.name,
                (_proof(one), _entry(one), _clients(one), _keeping(one)),
                actions=(change,),
            )
        )

    def change(self, tenant_id: str) -> Response:
        """Change the policy."""
        one, version = self._read(tenant_id)
        form = Form(
            "change_policy",
            title=_("Change the policy"),
            button=_("Save"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            version=version,
            fields=_fields(one),
        )
        said = _("The policy was saved.")
        return self._console.settle(form, said)

    def _read(self, tenant_id: str) -> tuple[PolicyShown, int]:
        return self._console.read("read_policy", PolicyShown, {"tenant_id": tenant_id})


def _proof(one: PolicyShown) -> Section:
    minutes = one.session_idle_minutes, one.session_absolute_minutes
    idle, absolute = (_("%(n)s minutes", n=n) if n else None for n in minutes)
    days = one.trusted_device_days
    return Section(
        _("Signing in"),
        (
            Fact(_("Passwords"), presets()[one.password_preset]),
            Fact(_("A second factor is required"), one.mfa_required),
            Fact(_("Trusted browsers"), _("%(n)s days", n=days) if days else None),
            Fact(_("A session ends without use after"), idle),
            Fact(_("A session ends at all after"), absolute),
        ),
    )


def _entry(one: PolicyShown) -> Section:
    allowed = one.platform_connections
    return Section(
        _("Coming in"),
        (
            Fact(_("Domains of addresses"), one.email_domains or _("Any")),
            Fact(_("People may register"), one.registration_open),
            Fact(_("Domains that may register"), one.registration_domains or _("Any")),
            Fact(_("Role of whoever registers"), one.registration_role),
            Fact(_("Sign-in providers of the platform"), _("All") if allowed is None else allowed),
            Fact(_("Accounts are linked by address"), one.links_by_email),
            Fact(_("Sessions end with their provider"), one.ends_federated_sessions),
        ),
    )


def _keeping(one: PolicyShown) -> Section:
    def kept(days: int | None) -> str:
        return str(_("%(n)s days", n=days) if days else _("For good"))

    return Section(
        _("Privacy"),
        (
            Fact(_("An erasure waits for"), _("%(n)s days", n=one.erasure_days)),
            Fact(_("Events of use are kept for"), kept(one.activity_event_days)),
            Fact(_("Events of security are kept for"), kept(one.security_event_days)),
            Fact(_("Events of administration are kept for"), kept(one.administration_event_days)),
        ),
    )


def _clients(one: PolicyShown) -> Section:
    access, refresh = one.access_token_seconds, one.refresh_token_minutes
    return Section(
        _("Applications"),
        (
            Fact(_("Applications register themselves"), registrations()[one.client_registration]),
            Fact(_("An access token lives at most"),
                 _("%(n)s seconds", n=access) if access else None),
            Fact(_("Refresh tokens live at most"),
                 _("%(n)s minutes", n=refresh) if refresh else None),
            Fact(_("Secrets may sign"), one.client_secret_jwt),
            Fact(_("Proofs of a key need a nonce"), one.dpop_nonces),
        ),
    )  # fmt: skip


def _keeping_fields(one: PolicyShown) -> tuple[Field | Heading, ...]:
    return (
        Heading(_("Privacy")),
        Field("erasure_days", _("Days for which an erasure waits"), Kind.NUMBER,
              value=one.erasure_days,
              hint=_("Within them it can be called off. At most 30; 0: at once.")),
        Field("activity_event_days", _("Days for which events of use are kept"), Kind.NUMBER,
              value=one.activity_event_days, optional=True,
              hint=_("Sign-ins and tokens. At least 30; empty: for good. Afterwards an event keeps"
                     " its place and its hash, and nothing that it said.")),
        Field("security_event_days", _("Days for which events of security are kept"), Kind.NUMBER,
              value=one.security_event_days, optional=True,
              hint=_("Refusals, locks, factors, passwords. At least 180; empty: for good.")),
        Field("administration_event_days", _("Days for which events of administration are kept"),
              Kind.NUMBER, value=one.administration_event_days, optional=True,
              hint=_("Everything else. At least 365; empty: for good.")),
    )  # fmt: skip


def _fields(one: PolicyShown) -> tuple[Field | Heading, ...]:
    return (
        Heading(_("Signing in")),
        Field("password_preset", _("Passwords"), Kind.CHOICE, value=one.password_preset.value,
              choices=presets()),
        Field("mfa_required", _("A second factor is required"), Kind.CHECK, value=one.mfa_required,
              hint=_("Switching it on signs everybody out, you too.")),
        Field("trusted_device_days", _("Days for which a browser may be trusted"), Kind.NUMBER,
              value=one.trusted_device_days, optional=True, hint=_("At most 30; empty: never.")),
        Field("session_idle_minutes", _("Minutes without use after which a session ends"),
              Kind.NUMBER, value=one.session_idle_minutes, optional=True),
        Field("session_absolute_minutes", _("Minutes after which a session ends at all"),
              Kind.NUMBER, value=one.session_absolute_minutes, optional=True,
              hint=_("Both can only be shorter than the installation has them.")),
        Heading(_("Coming in")),
        Field("email_domains", _("Domains of addresses"), Kind.LINES, value=one.email_domains,
              optional=True, mono=True,
              hint=_("One a line; empty: of any. Accounts that are there stay.")),
        Field("registration_open", _("People may register"), Kind.CHECK,
              value=one.registration_open),
        Field("registration_domains", _("Domains that may register"), Kind.LINES,
              value=one.registration_domains, optional=True, mono=True),
        Field("links_by_email", _("Accounts are linked by address"), Kind.CHECK,
              value=one.links_by_email,
              hint=_("Only where a provider has authority over the address.")),
        Field("ends_federated_sessions", _("Sessions end with their provider"), Kind.CHECK,
              value=one.ends_federated_sessions),
        Heading(_("Applications")),
        Field("client_registration", _("Applications register themselves"), Kind.CHOICE,
              value=one.client_registration.value, choices=registrations()),
        Field("access_token_seconds", _("Seconds that an access token lives at most"),
              Kind.NUMBER, value=one.access_token_seconds, optional=True,
              hint=_("Of every application, from its next token on. Empty: as its kind has it.")),
        Field("refresh_token_minutes", _("Minutes that refresh tokens live at most"),
              Kind.NUMBER, value=one.refresh_token_minutes, optional=True,
              hint=_("Counted from the sign-in. Who signed in before then signs in again.")),
        Field("client_secret_jwt", _("Secrets may sign"), Kind.CHECK, value=one.client_secret_jwt,
              hint=_("They are kept readable for that.")),
        Field("dpop_nonces", _("Proofs of a key need a nonce"), Kind.CHECK, value=one.dpop_nonces),
        *_keeping_fields(one),
    )  # fmt: skip


def presets() -> dict[str, str]:
    """Return what passwords need, in words."""
    return {
        "classic": _("8 characters with upper, lower and digit"),
        "nist": _("15 characters of any kind"),
    }


def registrations() -> dict[str, str]:
    """Return whether clients register themselves, in words."""
    return {
        "closed": _("No"),
        "pkce_required": _("Yes, and they use PKCE"),
        "pkce_optional": _("Yes, with or without PKCE"),
    }


def _url(tenant_id: str) -> str:
    return url_for("console.policy", tenant_id=tenant_id)
