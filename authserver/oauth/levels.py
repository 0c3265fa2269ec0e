"""Authentication context classes: what a session's level is called in `acr`."""

ACR = {1: "urn:authserver:acr:password", 2: "urn:authserver:acr:mfa"}


def acr_of(level: int) -> str:
    """Return the acr of a session level (OpenID Connect Core section 2)."""
    return ACR[level]
