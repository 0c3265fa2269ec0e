"""What a connection may be, and what a change of one ends. Values in, decision out.

Strict, because the mistakes here are the costly ones: a directory that is open to everybody, a role
that a provider's group gives, an address that somebody else's server vouches for.
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from authserver.core.net.email import InvalidEmail, parse_email
from authserver.core.net.uri import InvalidUri, Uri, parse_uri
from authserver.core.problems import Problem
from authserver.core.said import reason, said
from authserver.federation.values import Connection, Kind, Target
from authserver.roles.policy import NO_ROLES, Roles, check_open_role

MAX_ENTRIES = 100
MAX_POSITION = 999
_MAX_LABEL, _MAX_TEXT, _MAX_SECRET = 60, 255, 2048
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_ORGANIZATION = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,38}")
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]{1,128}")  # RFC 6749 section 3.3
_PRINTABLE = frozenset(string.ascii_letters + string.digits + string.punctuation)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OPENID = "openid"
# What GitHub has to be asked for, or the connector learns neither who it is nor which address.
_GITHUB_SCOPES = frozenset({"read:user", "user:email"})
# Personal Microsoft accounts: whoever wants one has one.
_EVERYBODY = UUID("9188040d-6c67-4c5b-b112-36a304b66dad")
# Of the national clouds Entra has sign-in hosts of its own; no other server is Entra.
_ENTRA = frozenset({"https://login.microsoftonline.us", "https://login.partner.microsoftonline.cn"})
# What may be read of another claim. Entra's addresses are never proved: only where groups are.
_TARGETS = {Kind.OIDC: (*Target,), Kind.AZURE_AD: (Target.GROUPS,)}
_PERSONAL = frozenset({"gmail.com", "googlemail.com"})
# The words by which a connection can be called in lists are not names.
RESERVED_NAMES = frozenset({"all", "none", "platform", "link", "callback"})


class UnfitConnection(Problem):
    """The connection cannot be so; the description says what to change."""

    code = "unfit_connection"
    title = "The connection cannot be so"


class Out(StrEnum):
    """Who is signed out by a change of a connection, of those who came by it."""

    NOBODY = "nobody"
    WHERE_WANTED = "where_wanted"  # people of tenants that say so
    SECOND_FACTOR = "second_factor"  # whose session has the second level
    EVERYBODY = "everybody"


@dataclass(frozen=True)
class Ends:
    """What a change ends: sign-ins that are under way, sessions, the provider's tokens."""

    in_flight: bool
    out: Out
    tokens: bool


def check(
    connection: Connection,
    *,
    has_secret: bool,
    allow_http_loopback: bool = False,
    own: Roles = NO_ROLES,
) -> Connection:
    """Return the connection in its one form. Raises UnfitConnection, UnknownRole, Refused.

    http on loopback is for development. `own` are the tenant's own roles, as tokens spell them.
    """
    if not has_secret and connection.kind is not Kind.OIDC:
        raise UnfitConnection(
            "This kind of provider gives a client secret: it is needed.", field="client_secret"
        )
    _check_name(connection.name)
    _check_token("The client id", connection.client_id)
    if not 0 <= connection.position <= MAX_POSITION:
        raise UnfitConnection(
            said("A position is a number from 0 to %(max_position)s.", max_position=MAX_POSITION),
            field="position",
        )
    _check_owner(connection)
    return replace(
        connection,
        label=_check_label(connection.label),
        server=_check_server(connection, allow_http_loopback=allow_http_loopback),
        scopes=_check_scopes(connection.kind, connection.scopes),
        allowed=_check_allowed(connection.kind, connection.allowed),
        claims=_check_claims(connection.kind, connection.claims),
        default_roles=_once(
            "roles", (check_open_role(role, own) for role in connection.default_roles)
        ),
        group_roles=_check_group_roles(connection.group_roles, own),
    )


def check_secret(secret: str) -> str:
    """Return a client secret, empty for none. Raises UnfitConnection."""
    if len(secret) > _MAX_SECRET or not _PRINTABLE.issuperset(secret):
        raise UnfitConnection(
            "A client secret is ASCII without spaces, at most 2048 characters.",
            field="client_secret",
        )
    return secret


def ends(before: Connection, after: Connection) -> Ends:
    """Return what a change of a connection ends: a stricter rule ends what was laxer (0012).

    Whom a narrower `allowed` still admits, nobody can tell: the groups and domains of a sign-in are
    not kept. A second factor of the provider's that is not trusted any more ends every session of
    the second level. What only decides about sign-ins to come, or how a button looks, ends nothing.
    """
    same = replace(after, label=before.label, position=before.position)
    out = Out.NOBODY
    if after.link_only and not before.link_only:
        out = Out.WHERE_WANTED
    if before.trusts_amr and not after.trusts_amr:
        out = Out.SECOND_FACTOR if out is Out.NOBODY else Out.EVERYBODY
    if _is_narrower(before.allowed, after.allowed):
        out = Out.EVERYBODY
    return Ends(same != before, out, tokens=before.keeps_tokens and not after.keeps_tokens)


def _is_narrower(before: tuple[str, ...], after: tuple[str, ...]) -> bool:
    return bool(after) and (not before or not set(before) <= set(after))


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or name in RESERVED_NAMES:
        raise UnfitConnection(
            said(
                "A connection's name is 1 to 40 characters of a-z, 0-9 and '-',"
                " not at either end, and none of %(reserved_names)s.",
                reserved_names=", ".join(sorted(RESERVED_NAMES)),
            ),
            field="name",
        )


def _check_label(label: str) -> str:
    clean = unicodedata.normalize("NFC", label).strip()
    if not 0 < len(clean) <= _MAX_LABEL or not clean.isprintable():
        raise UnfitConnection(
            said("A label is 1 to %(max_label)s visible characters.", max_label=_MAX_LABEL),
            field="label",
        )
    return clean


def _check_token(what: str, text: str) -> None:
    if not 0 < len(text) <= _MAX_TEXT or not _PRINTABLE.issuperset(text):
        raise UnfitConnection(
            said(
                "%(what)s is ASCII without spaces, at most %(max_text)s characters.",
                what=what,
                max_text=_MAX_TEXT,
            )
        )


def _check_owner(connection: Connection) -> None:
    """Keep what a tenant decides about its own people out of the platform's connections."""
    if connection.tenant_id is not None:
        return
    if connection.trusts_amr:
        raise UnfitConnection(
            "Only a tenant's own connection is trusted about second factors.", field="trusts_amr"
        )
    if connection.default_roles or connection.group_roles:
        raise UnfitConnection("Only a tenant's own connection gives roles.", field="default_roles")
    if connection.creates_people:
        raise UnfitConnection(
            "Whether the platform's connections make accounts, each tenant says: tenants set"
            " --registration.",
            field="creates_people",
        )


def _check_server(connection: Connection, *, allow_http_loopback: bool) -> str:
    """Return the provider's base URL, letter by letter.

    Whatever server is said to be Google would say whose addresses of gmail.com are: there is one.
    """
    kind, server = connection.kind, connection.server
    if not server:
        if kind is Kind.OIDC:
            raise UnfitConnection(
                "An OpenID Connect provider needs its issuer URL as server.", field="server"
            )
        return ""
    uri = _parsed(server)
    if allow_http_loopback and uri.scheme == "http" and uri.host in _LOOPBACK:
        return server
    if uri.scheme != "https":
        raise UnfitConnection(
            said("The server %(server)r is not https.", server=server), field="server"
        )
    if kind is Kind.GOOGLE:
        raise UnfitConnection("Google has one server: leave it out.", field="server")
    if kind is Kind.AZURE_AD and server not in _ENTRA:
        raise UnfitConnection(
            said("Entra's other servers are %(entra)s.", entra=", ".join(sorted(_ENTRA))),
            field="server",
        )
    return server


def _parsed(server: str) -> Uri:
    try:
        uri = parse_uri(server)
    except InvalidUri as error:
        raise UnfitConnection(
            said("The server %(server)r is refused: %(why)s.", server=server, why=reason(error)),
            field="server",
        ) from error
    if len(server) > _MAX_TEXT or uri.query is not None:
        raise UnfitConnection(
            said(
                "A server is at most %(max_text)s characters, without a query.", max_text=_MAX_TEXT
            ),
            field="server",
        )
    return uri


def _check_scopes(kind: Kind, scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes, none for what the kind asks for by itself."""
    checked = _once("scopes", scopes)
    for scope in checked:
        if not _SCOPE.fullmatch(scope):
            raise UnfitConnection(
                said("%(scope)r is not a scope: ASCII, no space, no quote.", scope=scope),
                field="scopes",
            )
    needed = _GITHUB_SCOPES if kind is Kind.GITHUB else {_OPENID}
    if checked and (missing := sorted(needed - set(checked))):
        raise UnfitConnection(
            said("The scopes lack %(missing)r, without which nobody signs in.", missing=missing[0]),
            field="scopes",
        )
    return checked


def _check_allowed(kind: Kind, allowed: Iterable[str]) -> tuple[str, ...]:
    """Return who may come in: domains (Google), directories (Entra), organisations (GitHub)."""
    given = tuple(allowed)
    if kind is Kind.OIDC:
        if given:
            raise UnfitConnection(
                "Who may come in by this kind, the provider itself decides.", field="allowed"
            )
        return ()
    check_one: Callable[[str], str] = {
        Kind.GOOGLE: _check_workspace,
        Kind.AZURE_AD: _check_directory,
        Kind.GITHUB: _check_organization,
    }[kind]
    checked = _once("entries", map(check_one, given))
    if kind is Kind.AZURE_AD and not checked:
        raise UnfitConnection(
            "Entra is never open to every directory: name one, or several.", field="allowed"
        )
    return checked


def _check_workspace(domain: str) -> str:
    try:
        parsed = parse_email(f"somebody@{domain}").domain
    except InvalidEmail as error:
        raise UnfitConnection(
            said("%(domain)r is not a domain of a Workspace.", domain=domain), field="allowed"
        ) from error
    if parsed in _PERSONAL:
        raise UnfitConnection(
            said(
                "%(parsed)s is no Workspace: its accounts have no domain at Google.", parsed=parsed
            ),
            field="allowed",
        )
    return parsed


def _check_directory(tenant: str) -> str:
    """Return the id of a directory (`tid`). Words like `common` or `organizations` are none."""
    try:
        parsed = UUID(tenant)
    except ValueError as error:
        raise UnfitConnection(
            said("%(tenant)r is not the id of a directory (a UUID).", tenant=tenant),
            field="allowed",
        ) from error
    if str(parsed) != tenant.lower():
        raise UnfitConnection(
            said("%(tenant)r is not a UUID in its usual form.", tenant=tenant), field="allowed"
        )
    if parsed == _EVERYBODY:
        raise UnfitConnection(
            "That directory holds everybody's personal accounts.", field="allowed"
        )
    return str(parsed)


def _check_organization(login: str) -> str:
    lower = login.lower()
    if not _ORGANIZATION.fullmatch(lower):
        raise UnfitConnection(
            said("%(login)r is not the name of an organisation at GitHub.", login=login),
            field="allowed",
        )
    return lower


def _check_claims(kind: Kind, claims: Mapping[str, str]) -> dict[str, str]:
    """Return what is read of which claim: `{target: claim}`. What identifies is no target."""
    targets = _TARGETS.get(kind, ())
    for target, claim in claims.items():
        if target not in targets:
            names = ", ".join(targets) or "nothing"
            raise UnfitConnection(
                said(
                    "%(target)r cannot be mapped here. What can be: %(names)s.",
                    target=target,
                    names=names,
                ),
                field="claims",
            )
        _check_token(f"The claim for {target}", claim)
    return dict(claims)


def _check_group_roles(groups: Mapping[str, str], own: Roles) -> dict[str, str]:
    if len(groups) > MAX_ENTRIES:
        raise UnfitConnection(
            said("At most %(max_entries)s groups can give roles.", max_entries=MAX_ENTRIES),
            field="group_roles",
        )
    for group in groups:
        if not 0 < len(group) <= _MAX_TEXT or not group.isprintable():
            raise UnfitConnection(
                "A group's name is 1 to 255 visible characters.", field="group_roles"
            )
    return {group: check_open_role(role, own) for group, role in groups.items()}


def _once(what: str, values: Iterable[str]) -> tuple[str, ...]:
    kept = tuple(dict.fromkeys(values))
    if len(kept) > MAX_ENTRIES:
        raise UnfitConnection(
            said(
                "At most %(max_entries)s %(what)s can be given.", max_entries=MAX_ENTRIES, what=what
            )
        )
    return kept
