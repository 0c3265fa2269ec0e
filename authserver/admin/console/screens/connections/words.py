"""What connections are set to, and what came of a trial, in words."""

from flask_babel import gettext as _

from authserver.admin.api.connections.models import ConnectionShown
from authserver.admin.console.parts.details import Fact, Section
from authserver.admin.console.parts.values import Badge, Code, Tone
from authserver.federation.administration.trying import Verdict

FINE = frozenset({Verdict.WORKS, Verdict.REACHABLE})


def verdicts() -> dict[Verdict, str]:
    """Return what came of a trial, in words."""
    return {
        Verdict.WORKS: _("It works: the provider is there and knows us."),
        Verdict.REACHABLE: _("The provider is there. Whether it knows us shows the first sign-in."),
        Verdict.SECRET_REFUSED: _("The provider is there, but does not know us by this secret."),
        Verdict.UNREACHABLE: _(
            "The provider cannot be reached, or what it publishes is not as it has to be."
        ),
    }


def state(one: ConnectionShown) -> Badge:
    """Return whether people can sign in by it."""
    if not one.enabled:
        return Badge(_("Switched off"), Tone.BAD)
    return Badge(_("Only for connecting")) if one.link_only else Badge(_("Active"), Tone.GOOD)


def registered(one: ConnectionShown) -> Section:
    """Return what the provider has to know of us."""
    return Section(
        _("To register at the provider"),
        tuple(Fact(_("Redirect URI"), Code(uri)) for uri in one.redirect_uris),
    )


def about(one: ConnectionShown) -> Section:
    """Return what a connection is set to."""
    pairs = tuple(Code(f"{name} = {value}") for name, value in one.claims.items())
    groups = tuple(Code(f"{name} = {value}") for name, value in one.group_roles.items())
    return Section(
        _("About"),
        (
            Fact(_("Client ID"), Code(one.client_id)),
            Fact(_("Server"), one.server),
            Fact(_("Whom it lets in"), tuple(Code(text) for text in one.allowed)),
            Fact(_("Makes accounts"), one.creates_people),
            Fact(_("Roles of new accounts"), tuple(Code(role) for role in one.default_roles)),
            Fact(_("Roles by group"), groups),
            Fact(_("Claims"), pairs),
            Fact(_("A second factor there counts here"), one.trusts_amr),
        ),
    )
