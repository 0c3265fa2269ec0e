"""Scopes, and claims that are asked for by name, in words: for the consent page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from authserver.accounts.details.policy import BY_NAME
from authserver.clients.resources.models import ResourceServer
from authserver.clients.resources.service import scopes_of
from authserver.tokens.people.scopes import SCOPE_OF

CLAIMS = "claims"  # what is asked for by name, where a scope has its name


@dataclass(frozen=True)
class ScopeView:
    """A scope as people read it."""

    name: str
    title: str
    description: str


def describe(scope: str) -> ScopeView:
    """Return a scope in words; one that only its service knows is shown by its name."""
    known = {
        "openid": (
            _("Know who you are"),
            _("A stable identifier, your organization and your roles."),
        ),
        "profile": (
            _("See your profile"),
            _("Your name, picture, language and time zone, and what else you say of yourself."),
        ),
        "email": (_("See your email address"), _("The address and whether it is confirmed.")),
        "address": (_("See your postal address"), _("The address, if your profile has one.")),
        "phone": (_("See your phone number"), _("The number and whether it is confirmed.")),
        "offline_access": (
            _("Stay connected"),
            _("Keep this access when you are not using the application, until you revoke it."),
        ),
    }
    title, description = known.get(scope, (scope, _("A permission of the service named below.")))
    return ScopeView(scope, title, description)


@dataclass(frozen=True)
class ServiceView:
    """A service that a permission is for; the name is empty where its owner said none."""

    audience: str
    name: str = ""


def in_words(scopes: Sequence[str], services: Sequence[ResourceServer]) -> list[ScopeView]:
    """Return scopes in words: ours, those of a service's owner, or the bare name."""
    told = {
        name: ScopeView(name, text, _("%(service)s: %(scope)s", service=row.name, scope=name))
        for row in services
        for name, text in scopes_of(row).items()
        if text
    }
    return [told.get(scope) or describe(scope) for scope in scopes]


def services_in_words(
    audiences: Sequence[str], services: Sequence[ResourceServer]
) -> list[ServiceView]:
    """Return services by the names that their owner gave them."""
    names = {row.audience: row.name for row in services}
    return [ServiceView(audience, names.get(audience, "")) for audience in audiences]


def describe_claims(claims: Collection[str]) -> ScopeView | None:
    """Return what an application asks to know by name, in one line; None where it asks nothing."""
    if not claims:
        return None
    words = {
        "name": _("Name"),
        "picture": _("Picture"),
        "locale": _("Language"),
        "zoneinfo": _("Time zone"),
        "updated_at": _("Time of the last change"),
        "email": _("Email address"),
        "email_verified": _("Whether the email address is confirmed"),
        "phone_number_verified": _("Whether the phone number is confirmed"),
        "address": _("Postal address"),
        **{name: _(field.title) for name, field in BY_NAME.items()},
    }
    named = [words[claim] for claim in SCOPE_OF if claim in claims]
    return ScopeView(CLAIMS, _("See these details about you"), f"{', '.join(named)}.")
