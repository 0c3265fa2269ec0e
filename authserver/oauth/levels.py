"""Authentication context classes: what a session's proofs are called in `acr`."""

from collections.abc import Sequence

from authserver.mfa.policy import FEDERATED
from authserver.sessions.models import PASSWORD, SECOND_FACTOR

ACR = {PASSWORD: "urn:authserver:acr:password", SECOND_FACTOR: "urn:authserver:acr:mfa"}
UPSTREAM = "urn:authserver:acr:federated"  # of the first level, by what a provider said
SUPPORTED = (*ACR.values(), UPSTREAM)
_LEVELS = {UPSTREAM: PASSWORD, **{acr: level for level, acr in ACR.items()}}


def acr_of(level: int, amr: Sequence[str]) -> str:
    """Return the acr of a session (OpenID Connect Core section 2)."""
    if level == PASSWORD and set(FEDERATED) <= set(amr):
        return UPSTREAM
    return ACR[level]


def wanted_level(acr_values: Sequence[str]) -> int:
    """Return the level that a client asks for: that of the first value which is known here.

    They are in order of preference, and voluntary (section 3.1.2.1): unknown ones are passed over.
    """
    return next((_LEVELS[acr] for acr in acr_values if acr in _LEVELS), PASSWORD)
