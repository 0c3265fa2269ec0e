"""How many requests a minute may try one address, wherever they come from.

A volumetric limit, before any hash: what must hold is counted in SQL (`lockout`). It depends on
what was typed and on the tenant at whose door, never on whether there is an account: otherwise it
would tell. A browser that the account knows has a bucket of its own, so that strangers who empty
theirs do not keep the owner out (ATK-083).
"""

from collections.abc import Callable

from authserver.core.ids import fingerprint
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.problems import TooManyRequests
from authserver.tenants.policy import Tier, attempts_a_minute

_SECONDS = 60
_STRANGERS = "strangers"


def _no_device() -> None:
    return None


class Throttle:
    """Counts attempts."""

    def __init__(
        self, limiter: Limiter, *, standard: int, tier_of: Callable[[str], Tier | None]
    ) -> None:
        """Take the buckets, the number of the standard tier, and what knows a tenant's tier."""
        self._limiter = limiter
        self._standard = standard
        self._tier_of = tier_of

    def count(
        self, email: str, *, door: str, known_device: Callable[[], str | None] = _no_device
    ) -> None:
        """Count an attempt at an address; every spelling of it counts as one.

        `door` is the id of the tenant whose page it is, or of the installation. `known_device`
        returns the id of a browser that the account knows; it is asked only when strangers have
        used up what is theirs. Raises TooManyRequests.
        """
        tier = self._tier_of(door) or Tier.STANDARD
        rate = Rate(attempts_a_minute(tier, self._standard), _SECONDS)
        account = _name(email)
        verdict = self._limiter.take(f"attempts:{account}:{_STRANGERS}", rate)
        if not verdict.allowed and (device := known_device()):
            verdict = self._limiter.take(f"attempts:{account}:{device}", rate)
        if not verdict.allowed:
            raise TooManyRequests(
                "There were too many attempts. Try again in a minute.",
                detail="attempts at one address",
                headers={"Retry-After": str(verdict.retry_after)},
            )


def _name(email: str) -> str:
    """Return what stands for an address: limits may be shared, and are no place for addresses."""
    try:
        meant = parse_email(email.strip()).canonical
    except InvalidEmail:
        meant = email
    return fingerprint(meant, "attempts").hex()
