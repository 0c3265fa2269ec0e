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


def classes(level: int, amr: Sequence[str]) -> tuple[str, ...]:
    """Return every class that a session is of, the strongest first."""
    if level == PASSWORD:
        return (acr_of(level, amr),)
    return ACR[level], UPSTREAM if set(FEDERATED) <= set(amr) else ACR[PASSWORD]


def met(demanded: Sequence[str] | None, level: int, amr: Sequence[str]) -> str | None:
    """Return the first demanded class that a session is of; None if none is, or none demanded."""
    had = classes(level, amr) if demanded else ()
    return next((acr for acr in demanded or () if acr in had), None)
