"""The fields of a connection's forms, by its kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _

from authserver.admin.api.connections.models import ConnectionShown
from authserver.admin.console.parts.fields import Field, Heading, Kind, Prepare
from authserver.admin.console.parts.present import Present

KINDS = {
    "google": "Google",
    "github": "GitHub",
    "azure_ad": "Microsoft Entra ID",
    "oidc": "OpenID Connect",
}


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
    has = Present(one, {"position": 0})
    return (
        has.text("label", _("Button"), _("What people read."), most=60),
        has.mono("client_id", _("Client ID"), _("What the provider calls this server.")),
        Heading(_("Who comes in")),
        *_allowed(kind, has),
        *_newcomers(has),
        Heading(_("What is taken from it")),
        *_taken(kind, has),
        has.number("position", _("Position of the button"), _("Lower comes first.")),
    )


def _newcomers(has: Present) -> tuple[Field, ...]:
    """Return the fields about who comes for the first time."""
    return (
        has.tick(
            "link_only",
            _("Only for connecting accounts"),
            _("Nobody signs in by it for the first time."),
        ),
        has.tick("creates_people", _("Make an account for who has none")),
        has.lines("default_roles", _("Roles of new accounts"), _("One a line.")),
        has.pairs(
            "group_roles", _("Roles by group"), _("One a line: the provider's group = a role")
        ),
    )


def _taken(kind: str, has: Present) -> tuple[Field, ...]:
    """Return the fields about what the provider says."""
    return (
        has.lines("scopes", _("Scopes"), _("One a line. Empty: what is needed.")),
        *_claims(kind, has),
        has.tick("trusts_amr", _("A second factor there counts here")),
        has.tick("keeps_tokens", _("Keep the provider's tokens, encrypted")),
    )


def _allowed(kind: str, has: Present) -> tuple[Field, ...]:
    hints = {
        "google": _("One domain of a Google Workspace a line. Empty: everybody."),
        "github": _("One organization a line. Empty: everybody."),
        "azure_ad": _("One ID of a directory a line."),
    }
    return (has.lines("allowed", _("Whom it lets in"), hints[kind]),) if kind in hints else ()


def _claims(kind: str, has: Present) -> tuple[Field, ...]:
    if kind not in {"oidc", "azure_ad"}:
        return ()
    hint = _("One a line: what it is here = the provider's name, such as groups = roles")
    return (has.pairs("claims", _("Claims"), hint),)


def merged(one: ConnectionShown) -> Prepare:
    """Return what makes a merge patch: pairs that are gone are taken away."""

    def prepare(given: Mapping[str, object]) -> dict[str, object]:
        body: dict[str, Any] = dict(given)
        for name in ("claims", "group_roles"):
            if isinstance(pairs := body.get(name), dict):
                body[name] = {**dict.fromkeys(getattr(one, name)), **pairs}
        return body

    return prepare
