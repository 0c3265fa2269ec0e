"""Scopes in words, for the consent page."""

from dataclasses import dataclass

from flask_babel import gettext as _


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
        "profile": (_("See your profile"), _("Your name, picture, language and time zone.")),
        "email": (_("See your email address"), _("The address and whether it is confirmed.")),
        "offline_access": (
            _("Stay connected"),
            _("Keep this access when you are not using the application, until you revoke it."),
        ),
    }
    title, description = known.get(scope, (scope, _("A permission of the service named below.")))
    return ScopeView(scope, title, description)
