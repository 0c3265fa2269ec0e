"""How long a tenant keeps what it could do without: the wait of an erasure, events by their class.

Values in, decision out.
"""

from collections.abc import Mapping
from types import MappingProxyType

from authserver.core.values.said import said
from authserver.tenants.policy import TenantPolicy, UnfitPolicy

# The fewest days for which events of a class are kept where they are not kept for good, by the
# columns of the tenant; and the most.
LEAST_EVENT_DAYS: Mapping[str, int] = MappingProxyType(
    {"activity_event_days": 30, "security_event_days": 180, "administration_event_days": 365}
)
MOST_EVENT_DAYS = 3_650
# Of an erasure, from the second word until it is done; a month is the law's (GDPR Article 12(3)).
ERASURE_DAYS, MOST_ERASURE_DAYS = 14, 30


def check_keeping(policy: TenantPolicy) -> None:
    """Raise UnfitPolicy for times that are too short for a proof, or too long for the law."""
    if not 0 <= (policy.erasure_days or 0) <= MOST_ERASURE_DAYS:
        raise UnfitPolicy(
            said("An erasure waits for at most %(most)s days.", most=MOST_ERASURE_DAYS)
        )
    for name, least in LEAST_EVENT_DAYS.items():
        days = getattr(policy, name)
        if days and not least <= days <= MOST_EVENT_DAYS:
            raise UnfitPolicy(
                said(
                    "Events of this class are kept for %(least)s to %(most)s days, or for good.",
                    least=least,
                    most=MOST_EVENT_DAYS,
                )
            )
