"""What a resource server may be, and what clients may register for. Values in, decision out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from authserver.clients.policy import (
    PEOPLE_SCOPES,
    UnfitRegistration,
    check_audiences,
    check_scopes,
    find_kind,
)
from authserver.core.problems import Problem
from authserver.core.said import said
from authserver.tenants.policy import check_display_name

MOST_SCOPES = 100
MOST_CLIENTS = 1000
_LONGEST_AUDIENCE, _LONGEST_DESCRIPTION = 255, 255


class UnfitResource(Problem):
    """The resource server cannot be so; the description says what to change."""

    code = "unfit_resource_server"
    title = "The resource server cannot be so"


@dataclass(frozen=True)
class NewResource:
    """What is asked for; `scopes` are names with what people read of them."""

    audience: str
    name: str
    scopes: Mapping[str, str]
    client_ids: Sequence[str] | None = None


@dataclass(frozen=True)
class Offer:
    """What a resource server offers one client."""

    audience: str
    scopes: frozenset[str]
    open: bool


@dataclass(frozen=True)
class Wanted:
    """What a client has, or asks for."""

    audiences: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def check(asked: NewResource, *, allow_http_loopback: bool) -> dict[str, object]:
    """Return the columns of the same names. Raises UnfitResource, UnfitName."""
    try:
        check_audiences([asked.audience], allow_http_loopback=allow_http_loopback)
        check_scopes(find_kind("web"), list(asked.scopes))
    except UnfitRegistration as error:
        raise UnfitResource(error.description) from error
    if len(asked.audience) > _LONGEST_AUDIENCE:
        raise UnfitResource(
            said(
                "An audience has at most %(longest_audience)s characters.",
                longest_audience=_LONGEST_AUDIENCE,
            ),
            field="audience",
        )
    if len(asked.scopes) > MOST_SCOPES:
        raise UnfitResource(
            said("A resource server has at most %(most_scopes)s scopes.", most_scopes=MOST_SCOPES),
            field="scopes",
        )
    if taken := sorted(PEOPLE_SCOPES & asked.scopes.keys()):
        raise UnfitResource(
            said(
                "The scope '%(taken)s' is of OpenID Connect: every client knows it.", taken=taken[0]
            ),
            field="scopes",
        )
    if asked.client_ids is not None and len(asked.client_ids) > MOST_CLIENTS:
        raise UnfitResource(
            said(
                "At most %(most_clients)s clients are named; or let every client ask.",
                most_clients=MOST_CLIENTS,
            ),
            field="client_ids",
        )
    return {
        "audience": asked.audience,
        "name": check_display_name(asked.name),
        "scopes": [
            {"name": name, "description": _described(text)} for name, text in asked.scopes.items()
        ],
        "client_ids": None if asked.client_ids is None else list(dict.fromkeys(asked.client_ids)),
    }


def _described(text: str) -> str:
    """Return what people read of a scope; nothing in it is invisible or turns its reading."""
    words = text.strip()
    if len(words) > _LONGEST_DESCRIPTION or not words.isprintable():
        raise UnfitResource(
            said(
                "A scope is described in at most %(longest_description)s printable characters.",
                longest_description=_LONGEST_DESCRIPTION,
            ),
            field="scopes",
        )
    return words


def check_new(offers: Sequence[Offer], wanted: Wanted, before: Wanted) -> None:
    """Refuse what nobody offers; what the client had before stays. Raises UnfitRegistration."""
    known = {offer.audience: offer for offer in offers}
    for audience in wanted.audiences:
        if audience not in before.audiences:
            _check_offered(audience, known.get(audience))
    allowed = set(PEOPLE_SCOPES).union(
        *(known[audience].scopes for audience in wanted.audiences if audience in known)
    )
    for scope in wanted.scopes:
        if scope not in before.scopes and scope not in allowed:
            raise UnfitRegistration(
                said(
                    "None of the client's audiences has the scope %(scope)r: name "
                    "the resource server that has it, too.",
                    scope=scope,
                ),
                field="scopes",
            )


def _check_offered(audience: str, offer: Offer | None) -> None:
    if offer is None:
        raise UnfitRegistration(
            said(
                "The tenant has no resource server with the audience %(audience)r.",
                audience=audience,
            ),
            field="audiences",
        )
    if not offer.open:
        raise UnfitRegistration(
            said(
                "The resource server %(audience)r is for named clients, and this is none of them.",
                audience=audience,
            ),
            field="audiences",
        )


def left(offers: Sequence[Offer], had: Wanted, gone: Offer) -> Wanted:
    """Return what stays of a client's when a resource server offers it no more than `gone` does.

    A scope that another audience of the client's has stays.
    """
    audiences = [one for one in had.audiences if gone.open or one != gone.audience]
    now = {**{offer.audience: offer for offer in offers}, gone.audience: gone}
    offered = {scope for one in audiences if one in now for scope in now[one].scopes}
    before = next(
        (offer.scopes for offer in offers if offer.audience == gone.audience), frozenset()
    )
    taken = before - offered
    return Wanted(tuple(audiences), tuple(one for one in had.scopes if one not in taken))
