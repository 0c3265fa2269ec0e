"""The fields of a connection's forms, by its kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from authserver.admin.api.connections.models import ConnectionShown
from authserver.admin.console.parts.fields import Field, Heading, Kind

KINDS = {
    "google": "Google",
    "github": "GitHub",
    "azure_ad": "Microsoft Entra ID",
    "oidc": "OpenID Connect",
}
Prepare = Callable[[dict[str, object]], dict[str, object]]


def first(kind: str) -> Sequence[Field]:
    """Return the fields that only a new connection has."""
    server = Field(
        "server",
        _("Server"),
        Kind.URL,
        hint=_("https: the issuer, or a server of your own."),
        optional=kind != "oidc",
        mono=True,
    )
    name = Field(
        "name",
        _("Short name"),
        hint=_("Applications name it so: small letters, digits and hyphens. It stays for good."),
        mono=True,
        most=40,
    )
    return (name, *((server,) if kind != "google" else ()))


def secret(hint: str = "") -> Field:
    """Return the field of the provider's secret."""
    return Field(
        "client_secret",
        _("Client secret"),
        Kind.SECRET,
        hint=hint or _("As the provider made it."),
        mono=True,
    )


def fields(kind: str, one: ConnectionShown | None = None) -> Sequence[Field | Heading]:
    """Return the fields of a connection, with what it has now."""
    return (
        Field("label", _("Button"), value=one and one.label, hint=_("What people read."), most=60),
        Field(
            "client_id",
            _("Client ID"),
            value=one and one.client_id,
            hint=_("What the provider calls this server."),
            mono=True,
        ),
        Heading(_("Who comes in")),
        *_allowed(kind, one),
        *_newcomers(one),
        Heading(_("What is taken from it")),
        *_taken(kind, one),
        Field(
            "position",
            _("Position of the button"),
            Kind.NUMBER,
            value=one.position if one else 0,
            hint=_("Lower comes first."),
        ),
    )


def _newcomers(one: ConnectionShown | None) -> tuple[Field, ...]:
    """Return the fields about who comes for the first time."""
    return (
        Field(
            "link_only",
            _("Only for connecting accounts"),
            Kind.CHECK,
            value=one and one.link_only,
            hint=_("Nobody signs in by it for the first time."),
        ),
        Field(
            "creates_people",
            _("Make an account for who has none"),
            Kind.CHECK,
            value=one and one.creates_people,
        ),
        Field(
            "default_roles",
            _("Roles of new accounts"),
            Kind.LINES,
            value=one and one.default_roles,
            hint=_("One a line."),
            mono=True,
        ),
        Field(
            "group_roles",
            _("Roles by group"),
            Kind.PAIRS,
            value=one.group_roles if one else {},
            hint=_("One a line: the provider's group = a role"),
            mono=True,
        ),
    )


def _taken(kind: str, one: ConnectionShown | None) -> tuple[Field, ...]:
    """Return the fields about what the provider says."""
    return (
        Field(
            "scopes",
            _("Scopes"),
            Kind.LINES,
            value=one and one.scopes,
            hint=_("One a line. Empty: what is needed."),
            mono=True,
        ),
        *_claims(kind, one),
        Field(
            "trusts_amr",
            _("A second factor there counts here"),
            Kind.CHECK,
            value=one and one.trusts_amr,
        ),
        Field(
            "keeps_tokens",
            _("Keep the provider's tokens, encrypted"),
            Kind.CHECK,
            value=one and one.keeps_tokens,
        ),
    )


def _allowed(kind: str, one: ConnectionShown | None) -> tuple[Field, ...]:
    hints = {
        "google": _("One domain of a Google Workspace a line. Empty: everybody."),
        "github": _("One organization a line. Empty: everybody."),
        "azure_ad": _("One ID of a directory a line."),
    }
    if kind not in hints:
        return ()
    return (
        Field(
            "allowed",
            _("Whom it lets in"),
            Kind.LINES,
            value=one and one.allowed,
            hint=hints[kind],
            mono=True,
        ),
    )


def _claims(kind: str, one: ConnectionShown | None) -> tuple[Field, ...]:
    if kind not in {"oidc", "azure_ad"}:
        return ()
    return (
        Field(
            "claims",
            _("Claims"),
            Kind.PAIRS,
            value=one.claims if one else {},
            hint=_("One a line: what it is here = the provider's name, such as groups = roles"),
            mono=True,
        ),
    )


def merged(one: ConnectionShown) -> Prepare:
    """Return what makes a merge patch: pairs that are gone are taken away."""

    def prepare(given: Mapping[str, object]) -> dict[str, object]:
        body: dict[str, Any] = dict(given)
        for name in ("claims", "group_roles"):
            if isinstance(pairs := body.get(name), dict):
                body[name] = {**dict.fromkeys(getattr(one, name)), **pairs}
        return body

    return prepare
