"""Which scope opens which claims (OpenID Connect Core section 5.4)."""

from collections.abc import Mapping

SCOPE_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "profile": (
        "name", "given_name", "family_name", "middle_name", "nickname", "preferred_username",
        "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    ),
    "email": ("email", "email_verified"),
    "address": ("address",),
    "phone": ("phone_number", "phone_number_verified"),
}  # fmt: skip
SCOPE_OF: Mapping[str, str] = {
    claim: scope for scope, claims in SCOPE_CLAIMS.items() for claim in claims
}


def of_scopes(scope: tuple[str, ...]) -> tuple[str, ...]:
    """Return the claims that scopes open."""
    return tuple(name for granted in scope for name in SCOPE_CLAIMS.get(granted, ()))
