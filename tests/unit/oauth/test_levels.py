"""What a session's proofs are called, and what clients may ask for."""

import pytest

from authserver.oauth.levels import SUPPORTED, UPSTREAM, acr_of, wanted_level

PASSWORD, MFA = "urn:authserver:acr:password", "urn:authserver:acr:mfa"


@pytest.mark.parametrize(
    ("level", "amr", "acr"),
    [
        (1, ("pwd",), PASSWORD),
        (1, ("fed",), UPSTREAM),
        (2, ("pwd", "otp", "mfa"), MFA),
        (2, ("fed", "mfa"), MFA),
        (2, ("fed", "otp", "mfa"), MFA),
        (2, ("swk", "user", "mfa"), MFA),
    ],
)
def test_a_session_says_how_much_and_at_the_first_level_by_whom(
    level: int, amr: tuple[str, ...], acr: str
) -> None:
    assert acr_of(level, amr) == acr
    assert acr in SUPPORTED


@pytest.mark.parametrize(
    ("asked", "level"),
    [((UPSTREAM,), 1), ((UPSTREAM, MFA), 1), ((MFA, UPSTREAM), 2), (("?", UPSTREAM), 1)],
)
def test_a_provider_is_enough_where_a_client_asks_for_it(
    asked: tuple[str, ...], level: int
) -> None:
    assert wanted_level(asked) == level
