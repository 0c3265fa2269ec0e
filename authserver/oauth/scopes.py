"""Scopes: parse, narrow, describe (RFC 6749 section 3.3)."""

from collections.abc import Iterable, Sequence

from authserver.oauth.errors import OAuthError
from authserver.tokens.people.scopes import SCOPE_CLAIMS

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
OPENID_SCOPES = (OPENID, *SCOPE_CLAIMS, OFFLINE_ACCESS)

_TOKEN_CHARACTERS = frozenset(chr(c) for c in range(0x21, 0x7F)) - {'"', "\\"}


def parse(text: str | None) -> tuple[str, ...]:
    """Return the scopes in the order given, each once. Raises invalid_scope."""
    scopes = (text or "").split(" ") if text else []
    if not all(scope and _TOKEN_CHARACTERS.issuperset(scope) for scope in scopes):
        raise OAuthError("invalid_scope", "the scope is malformed")
    return tuple(dict.fromkeys(scopes))


def narrow(requested: Sequence[str], allowed: Iterable[str]) -> tuple[str, ...]:
    """Return what was asked for, or everything allowed when nothing was. Raises invalid_scope."""
    permitted = tuple(allowed)
    if not requested:
        return permitted
    if not set(requested) <= set(permitted):
        raise OAuthError("invalid_scope", "the client may not ask for this scope")
    return tuple(requested)


def narrow_resources(requested: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    """Return the target services, within those allowed (RFC 8707 section 2)."""
    if not set(requested) <= set(allowed):
        raise OAuthError("invalid_target", "the client may not ask for this resource")
    return tuple(dict.fromkeys(requested))


def audience(resources: Sequence[str], registered: Sequence[str], issuer: str) -> tuple[str, ...]:
    """Return the audience of an access token; without a resource the client's first, or us."""
    if resources:
        return tuple(dict.fromkeys(resources))
    return (registered[0],) if registered else (issuer,)
