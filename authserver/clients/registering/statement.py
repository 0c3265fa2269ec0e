"""Software statements (RFC 7591 section 2.3): believed only of an issuer whose keys are known.

What a trusted statement says counts more than what the client says of itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authserver.clients.policy import SIGNING_ALGORITHMS, UnfitRegistration
from authserver.clients.registering.policy import Admission
from authserver.core.clock import epoch
from authserver.core.jose import InvalidToken, read_foreign

MEMBER = "software_statement"
# Of the statement itself, not of the client.
_ABOUT_ITSELF = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", MEMBER})


class UnapprovedStatement(UnfitRegistration):
    """Nobody here trusts whoever made the statement, or there is none and one is needed."""

    code = "unapproved_software_statement"


class InvalidStatement(UnfitRegistration):
    """The statement is not what its issuer signed, or it is over."""

    code = "invalid_software_statement"


def with_statement(
    members: Mapping[str, Any], admission: Admission, now: datetime
) -> Mapping[str, Any]:
    """Return the members with those of the software statement. Raises UnfitRegistration."""
    statement = members.get(MEMBER)
    if admission.statement_keys is None:
        if statement is not None:
            raise UnapprovedStatement("No software statement is trusted with this token.")
        return members
    if not isinstance(statement, str):
        raise UnapprovedStatement("This token needs a software statement.")
    claims = _claims(statement, admission.statement_keys)
    if claims.get("iss") != admission.statement_issuer:
        raise UnapprovedStatement("The issuer of the software statement is not trusted here.")
    _check_times(claims, now)
    return {**members, **{name: claims[name] for name in claims if name not in _ABOUT_ITSELF}}


def _claims(statement: str, keys: Mapping[str, object]) -> dict[str, Any]:
    try:
        return read_foreign(statement, keys, list(SIGNING_ALGORITHMS))
    except InvalidToken as error:
        raise InvalidStatement(
            "The software statement is not signed by a trusted key.", detail=str(error)
        ) from error


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    here = epoch(now)
    if not _number(claims, "nbf", here) <= here < _number(claims, "exp", here + 1):
        raise InvalidStatement("The software statement is not valid now.")


def _number(claims: Mapping[str, Any], name: str, otherwise: float) -> float:
    value = claims.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidStatement(f"'{name}' of the software statement is no number.")
    return value
