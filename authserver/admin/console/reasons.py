"""Why tokens were refused, in words, and what to do about it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from authserver.usage.policy import Refusal


@dataclass(frozen=True)
class Reason:
    """A reason as its readers see it."""

    title: str
    advice: str


def in_words(refusal: Refusal) -> Reason:
    """Return what a refusal means for whoever runs the client."""
    title, advice = {
        Refusal.AUTHENTICATION: (
            _("Wrong credentials"),
            _("The secret was wrong or has ended, or another method than the registered one came."),
        ),
        Refusal.ADDRESS: (
            _("Address not allowed"),
            _("The call came from an address that is not on the list of allowed ones."),
        ),
        Refusal.RATE: (
            _("Too fast"),
            _("Wait as long as Retry-After says, and use a token for as long as it lasts."),
        ),
        Refusal.QUOTA: (
            _("Quota used up"),
            _("It begins anew with the next day or month, in UTC."),
        ),
        Refusal.GRANT: (
            _("Grant refused"),
            _("It is not one of the client's, or what was presented has ended or was used before."),
        ),
        Refusal.SCOPE: (_("Scope not allowed"), _("A scope was asked for that is not registered.")),
        Refusal.RESOURCE: (_("API not allowed"), _("An audience was asked for that is not its.")),
        Refusal.PROOF: (
            _("Proof of the key missing"),
            _("The DPoP proof was wrong, or not there."),
        ),
        Refusal.REQUEST: (_("Malformed request"), _("A parameter was missing or came twice.")),
        Refusal.OTHER: (_("Another reason"), _("The error_description of the answer names it.")),
    }[refusal]
    return Reason(str(title), str(advice))
