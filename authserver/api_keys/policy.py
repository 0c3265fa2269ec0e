"""What a key may be, and may do: never more than its owner. Values in, decision out."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from authserver.clients.policy import find_kind
from authserver.core.net.addresses import InvalidAddress, parse_networks
from authserver.core.problems import Problem, Refused
from authserver.core.said import reason, said
from authserver.passkeys.names import UnfitFactorName, check_name
from authserver.roles.catalogue import Permission

MOST_LIVE = 50  # of one owner
MOST_SCOPES = 50
MOST_NETWORKS = 50
LONGEST = timedelta(days=3653)
WARNED_BEFORE = timedelta(days=7)
# A key that lives so short is not told of: who made it has not forgotten.
TOO_SHORT_TO_WARN = timedelta(days=8)
PERMISSIONS = frozenset(permission.value for permission in Permission)
# What only a sign-in gives: a key tells nothing of a person, and needs no renewal.
_OF_SIGN_INS = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})


class UnfitApiKey(Problem):
    """A key cannot be made like this; the description says what to change."""

    code = "unfit_api_key"
    title = "The key cannot be made like this"


def check_name_of_key(typed: str) -> str:
    """Return the name on one line. Raises UnfitApiKey."""
    try:
        name = check_name(typed)
    except UnfitFactorName as error:
        raise UnfitApiKey(error.description) from error
    if not name:
        raise UnfitApiKey("A key needs a name: what it is used for.", field="name")
    return name


def check_end(expires_at: datetime | None, now: datetime) -> None:
    """Raise UnfitApiKey for an end that is over, or that nobody will live to see."""
    if expires_at is not None and not now < expires_at <= now + LONGEST:
        raise UnfitApiKey("A key ends in the future, and in at most ten years.", field="days")


def check_networks(networks: Iterable[str]) -> list[str]:
    """Return the networks as they are compared. Raises UnfitApiKey."""
    wanted = list(dict.fromkeys(networks))
    if len(wanted) > MOST_NETWORKS:
        raise UnfitApiKey(
            said("At most %(most_networks)s addresses or networks.", most_networks=MOST_NETWORKS),
            field="ip_allowlist",
        )
    try:
        return [str(network) for network in parse_networks(wanted)]
    except InvalidAddress as error:
        raise UnfitApiKey(said("%(why)s.", why=reason(error)), field="ip_allowlist") from error


def offered(clients: Iterable[tuple[str, Iterable[str]]]) -> frozenset[str]:
    """Return the scopes that people's keys can have besides permissions.

    They are those that applications of the tenant can get for its people. Of each client, `clients`
    has the kind and the scopes.
    """
    applications = [scopes for kind, scopes in clients if find_kind(kind).has_people]
    registered = frozenset(scope for scopes in applications for scope in scopes)
    return registered - _OF_SIGN_INS - PERMISSIONS


def within_person(
    scopes: Iterable[str], permissions: AbstractSet[Permission], of_tenant: AbstractSet[str]
) -> frozenset[str]:
    """Return the scopes that a person who has these permissions may have a key for, now.

    A scope that is a permission's name, while the person has the permission; any other, while an
    application of the tenant could get it for the person.
    """
    held = {permission.value for permission in permissions}
    return frozenset(
        scope for scope in scopes if scope in (held if scope in PERMISSIONS else of_tenant)
    )


def check_scopes(wanted: Iterable[str], allowed: AbstractSet[str]) -> list[str]:
    """Return the scopes, each once, sorted. Raises UnfitApiKey, Refused for more than allowed."""
    scopes = sorted(set(wanted))
    if not scopes:
        raise UnfitApiKey("Choose at least one thing that the key may do.", field="scopes")
    if len(scopes) > MOST_SCOPES:
        raise UnfitApiKey(
            said("At most %(most_scopes)s scopes.", most_scopes=MOST_SCOPES), field="scopes"
        )
    if more := [scope for scope in scopes if scope not in allowed]:
        raise Refused(
            said(
                "A key does no more than its owner: %(more)s is not given.",
                more=", ".join(more[:5]),
            ),
            field="scopes",
        )
    return scopes


def check_roles(wanted: Iterable[str], held: AbstractSet[str]) -> list[str]:
    """Return the roles that services are told, sorted. Raises Refused for one not held."""
    roles = sorted(set(wanted))
    if more := [role for role in roles if role not in held]:
        raise Refused(
            said("A key has no role that its owner has not: %(more)s.", more=", ".join(more[:5])),
            field="roles",
        )
    return roles


def check_giver(scopes: Iterable[str], permissions: AbstractSet[Permission] | None) -> None:
    """Raise Refused where whoever gives a key does not hold a permission in it; None: may all."""
    if permissions is None:
        return
    held = {permission.value for permission in permissions}
    if more := [scope for scope in scopes if scope in PERMISSIONS and scope not in held]:
        raise Refused(
            said("Nobody gives what they do not hold: %(more)s.", more=", ".join(more[:5])),
            field="scopes",
        )
