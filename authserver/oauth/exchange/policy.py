"""What an exchange may give: never more than the token had. Values in, decision out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from authserver.clients.registered import RegisteredClient
from authserver.core.ids import is_id
from authserver.oauth.errors import OAuthError
from authserver.oauth.scopes import OPENID_SCOPES

TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105  RFC 8693
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  section 3
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105  the same
TOKEN_TYPES = (ACCESS_TOKEN, ID_TOKEN)
# Scopes that open what only the person's own applications are told.
_OF_PEOPLE = frozenset({*OPENID_SCOPES, "phone", "address"})

Act = Mapping[str, Any]


class Way(StrEnum):
    """How a client uses somebody's token (RFC 8693 section 1.1)."""

    IMPERSONATION = "impersonation"  # as the person
    DELEGATION = "delegation"  # for the person, and the token says who acts


@dataclass(frozen=True)
class Rule:
    """What a client may do with another's tokens."""

    audiences: tuple[str, ...]
    ways: frozenset[str]


def serves(client: RegisteredClient, tenant_id: str) -> bool:
    """Tell whether a client may have tokens of a tenant's people: the company's services all."""
    return client.serves_tenant(tenant_id) or client.tenant.type == "internal"


def narrow_scope(
    requested: Sequence[str], held: Iterable[str], client: RegisteredClient
) -> tuple[str, ...]:
    """Return the scope: what both the token and the client have. Raises invalid_scope."""
    own = set(client.scopes) - _OF_PEOPLE
    shared = tuple(scope for scope in held if scope in own)
    if not set(requested) <= set(shared):
        raise OAuthError("invalid_scope", "the token that is exchanged does not have this scope")
    if not shared:
        raise OAuthError("invalid_scope", "the token has no scope that the client may have")
    return tuple(requested) or shared


def choose_audience(requested: Sequence[str], held: Sequence[str], rule: Rule) -> tuple[str, ...]:
    """Return the audience: that of the token, or what the rule names. Raises invalid_target."""
    if not set(requested) <= {*held, *rule.audiences}:
        raise OAuthError("invalid_target", "the client may not exchange the token for this target")
    return tuple(dict.fromkeys(requested or held))


def choose_way(rule: Rule, *, has_actor: bool) -> Way:
    """Return how the token is used; who brings an actor's token wants it named. Raises."""
    wanted = Way.DELEGATION if has_actor else Way.IMPERSONATION
    if wanted in rule.ways:
        return wanted
    if not has_actor and Way.DELEGATION in rule.ways:
        return Way.DELEGATION
    raise refuse("the rule does not allow this way")


def next_act(way: Way, actor: str, before: Act | None) -> Act | None:
    """Return who acts, with those who acted before inside (section 4.1).

    Who uses a token as the person leaves no trace of their own, and takes none away.
    """
    if way is Way.IMPERSONATION:
        return before
    return {"sub": actor, **({"act": before} if before else {})}


def check_names(act: Act | None, client: RegisteredClient) -> None:
    """Refuse a token whose actors have names that are not for this client. Raises.

    A person is called differently in each sector (OpenID Connect Core section 8.1): a client hears
    neither the names of another sector nor, in a sector of its own, those of the public.
    """
    while act:
        name = str(act["sub"])
        if not is_id(name, "cli") and (client.sector is not None or not is_id(name, "usr")):
            raise refuse("somebody who acts is named for another sector")
        act = act.get("act")


def check_bound(*, was: bool, will_be: bool) -> None:
    """Refuse to make a token that anybody may use of one that only a key may. Raises."""
    if was and not will_be:
        raise refuse("the token is bound to a key: what comes of it is, too (RFC 9449)")


def depth(act: Act | None) -> int:
    """Return how many act for one another."""
    count = 0
    while act:
        count, act = count + 1, act.get("act")
    return count


def refuse(detail: str) -> OAuthError:
    """Return the one answer to a token that is not good for this (section 2.2.2)."""
    return OAuthError("invalid_request", "the token cannot be exchanged", detail=detail)
