"""Too many wrong proofs in the name of one client from one place: they are told to wait.

Only wrong ones count, after they were found wrong: a right secret is never held up, however many
wrong ones come beside it. A secret has 256 bits, so nobody guesses it; what this stops is the
trail being filled with guesses. The same holds in the name of a client that does not exist.
"""

from ipaddress import ip_network

from authserver.core.ids import fingerprint
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.net.addresses import parse_address
from authserver.oauth.errors import OAuthError
from authserver.usage.meter import Meter
from authserver.usage.policy import Refusal

WRONG = Rate(60, 60)
_PURPOSE = "wrong client proof"
_PREFIX = {4: 32, 6: 64}  # what one subscriber has


class WrongProofs:
    """Counts wrong proofs."""

    def __init__(self, limiter: Limiter, meter: Meter) -> None:
        """Take what counts, here or over all processes, and what the client's owners see."""
        self._limiter = limiter
        self._meter = meter

    def count(self, address: str, client_id: str, *, of_tenant: str | None = None) -> None:
        """Count one. Raises slow_down when there were too many: then it is not recorded."""
        if of_tenant is not None:
            self._meter.refused(of_tenant, client_id, Refusal.AUTHENTICATION)
        place = f"{_network(address)} {client_id}"
        verdict = self._limiter.take(f"wrong:{fingerprint(place, _PURPOSE).hex()}", WRONG)
        if not verdict.allowed:
            raise OAuthError(
                "slow_down",
                "too many failed attempts to authenticate as this client",
                headers={"Retry-After": str(verdict.retry_after)},
            )


def _network(address: str) -> str:
    parsed = parse_address(address)
    return str(ip_network((parsed, _PREFIX[parsed.version]), strict=False))
