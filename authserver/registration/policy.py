"""Who may register, as what, and when a link is good. Values in, decision out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from authserver.core.net.email import EmailAddress
from authserver.links.policy import Mails, are_enough
from authserver.roles.policy import is_privileged

PATH = "/login/register/new"
CUSTOMER, VIEWER = "customer", "customer_viewer"


@dataclass(frozen=True)
class Openness:
    """Whether and how a tenant lets people register, as its row says it now."""

    open: bool
    suspended: bool
    tenant_type: str
    domains: tuple[str, ...]
    role: str | None

    @property
    def allowed(self) -> bool:
        """Tell whether anybody may register at all."""
        return self.open and not self.suspended

    @property
    def roles(self) -> list[str]:
        """Return what whoever registers becomes: never a privileged role, whatever the row says."""
        default = VIEWER if self.tenant_type == CUSTOMER else ""
        wanted = default if self.role is None else self.role
        return [wanted] if wanted and not is_privileged(wanted) else []


def may_register(email: EmailAddress, domains: Sequence[str]) -> bool:
    """Tell whether an address is of an allowed domain: that very one, none below it."""
    return not domains or email.domain in domains


class Outcome(StrEnum):
    """What became of a request for an account: for the trail alone."""

    MAILED = "mailed"
    TAKEN = "address_taken"
    TOO_MANY = "too_many_mails"


def outcome(*, taken: bool, mails: Mails, most_mails: int) -> Outcome:
    """Return what happens. `mails`: those to the address, of either kind."""
    if are_enough(mails, most=most_mails):
        return Outcome.TOO_MANY
    return Outcome.TAKEN if taken else Outcome.MAILED


@dataclass(frozen=True)
class Terms:
    """What a link is bound to."""

    issuer: str
    expires_at: datetime
    used: bool


@dataclass(frozen=True)
class Present:
    """Where and when it is presented, and how things stand now."""

    issuer: str
    now: datetime
    allowed: bool
    taken: bool


def is_good(terms: Terms, present: Present) -> bool:
    """Tell whether a link may still make an account."""
    return (
        not terms.used
        and not present.taken
        and present.allowed
        and present.now < terms.expires_at
        and terms.issuer == present.issuer
    )
