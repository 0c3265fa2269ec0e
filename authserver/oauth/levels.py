"""Authentication context classes: what a session's level is called in `acr`."""

from collections.abc import Sequence

from authserver.sessions.models import PASSWORD, SECOND_FACTOR

ACR = {PASSWORD: "urn:authserver:acr:password", SECOND_FACTOR: "urn:authserver:acr:mfa"}
_LEVELS = {acr: level for level, acr in ACR.items()}


def acr_of(level: int) -> str:
    """Return the acr of a session level (OpenID Connect Core section 2)."""
    return ACR[level]


def wanted_level(acr_values: Sequence[str]) -> int:
    """Return the level that a client asks for: that of the first value which is known here.

    They are in order of preference, and voluntary (section 3.1.2.1): unknown ones are passed over.
    """
    return next((_LEVELS[acr] for acr in acr_values if acr in _LEVELS), PASSWORD)
