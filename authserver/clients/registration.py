"""A client as somebody asks for it, and as it may be stored. Values in, decision out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from authserver.clients import policy
from authserver.clients.jwks import check_jwks
from authserver.clients.metadata.checks import Around, check_options
from authserver.clients.metadata.profiles import fitted
from authserver.clients.options import DEFAULTS, PAIRWISE, Options
from authserver.clients.policy import AuthMethod, Kind, UnfitRedirect, UnfitRegistration
from authserver.clients.redirects import ClientKind, sector_of, validate_redirect_uri
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.said import reason, said
from authserver.tenants.policy import check_display_name

# Answers that this server signs for a client that asked for it.
_ANSWERS = (
    "userinfo_signed_response_alg", "authorization_signed_response_alg",
    "introspection_signed_response_alg",
)  # fmt: skip


@dataclass(frozen=True)
class Registration:
    """What is asked for. `serves` holds slugs, or "*"; empty means the client's own tenant."""

    tenant_id: str
    name: str
    kind: str
    redirect_uris: Sequence[str] = ()
    scopes: Sequence[str] = ()
    audiences: Sequence[str] = ()
    ip_allowlist: Sequence[str] = ()
    rate: str | None = None
    quota_day: int | None = None
    quota_month: int | None = None
    auth_method: str | None = None
    jwks: object = None
    pkce_required: bool = True
    first_party: bool = False
    at_tenant_issuer: bool = False
    serves: Sequence[str] = ()
    access_token_alg: str = policy.ES256
    id_token_alg: str = policy.RS256
    policy_uri: str | None = None
    tos_uri: str | None = None
    options: Options = DEFAULTS
    grant_types: Sequence[str] | None = None
    self_registered: bool = False
    vouched_for: bool = False


@dataclass(frozen=True)
class Checked:
    """Values fit for the columns of the same names. `serves` still holds slugs."""

    name: str
    kind: str
    auth_method: AuthMethod
    grant_types: list[str]
    redirect_uris: list[str]
    scopes: list[str]
    audiences: list[str]
    ip_allowlist: list[str]
    rate: str | None
    quota_day: int | None
    quota_month: int | None
    pkce_required: bool
    first_party: bool
    at_tenant_issuer: bool
    serves: list[str]
    access_token_alg: str
    id_token_alg: str
    jwks: dict[str, object] | None
    policy_uri: str | None
    tos_uri: str | None
    options: Options
    self_registered: bool
    vouched_for: bool

    @property
    def signing_algorithms(self) -> set[str]:
        """Return what it is told things with. ID tokens are for people."""
        people = policy.find_kind(self.kind).has_people
        asked = {getattr(self.options, name) for name in _ANSWERS} - {None}
        return {self.access_token_alg, *asked} | ({self.id_token_alg} if people else set())


def check(
    asked: Registration,
    *,
    tenant_type: str,
    own_issuer: bool,
    allow_http_loopback: bool,
    missing: Mapping[AuthMethod, str] = policy.NOTHING_MISSING,
) -> Checked:
    """Return what may be stored. Raises UnfitRegistration or UnfitName.

    `missing` says of the ways to authenticate that are not offered here what they lack.
    """
    kind = policy.find_kind(asked.kind)
    auth_method = policy.choose_auth_method(kind, asked.auth_method, missing)
    if asked.at_tenant_issuer and not own_issuer:
        raise UnfitRegistration("The tenant has no issuer of its own.")
    redirect_uris = _redirect_uris(asked, kind, allow_http_loopback=allow_http_loopback)
    jwks = _jwks(asked, auth_method)
    has, loopback = jwks is not None, allow_http_loopback
    around = Around(
        asked.kind, auth_method, redirect_uris, has_jwks=has, allow_http_loopback=loopback
    )
    checked = Checked(
        name=check_display_name(asked.name),
        kind=asked.kind,
        auth_method=auth_method,
        grant_types=policy.choose_grant_types(kind, asked.grant_types),
        redirect_uris=redirect_uris,
        scopes=policy.check_scopes(kind, asked.scopes),
        audiences=policy.check_audiences(asked.audiences, allow_http_loopback=allow_http_loopback),
        ip_allowlist=policy.check_networks(asked.ip_allowlist),
        rate=policy.check_rate(asked.rate),
        quota_day=policy.check_quota(asked.quota_day),
        quota_month=policy.check_quota(asked.quota_month),
        pkce_required=policy.check_pkce(auth_method, required=asked.pkce_required),
        first_party=asked.first_party,
        at_tenant_issuer=asked.at_tenant_issuer,
        serves=policy.check_serves(asked.serves, tenant_type=tenant_type, kind=kind),
        access_token_alg=policy.check_algorithm(asked.access_token_alg),
        id_token_alg=policy.check_algorithm(asked.id_token_alg),
        jwks=jwks,
        policy_uri=policy.check_link(asked.policy_uri),
        tos_uri=policy.check_link(asked.tos_uri),
        options=check_options(_options(asked), around),
        self_registered=asked.self_registered,
        vouched_for=asked.vouched_for,
    )
    return fitted(checked)


def _options(asked: Registration) -> Options:
    """Return the options. Pairwise names need one host to which they belong."""
    options = asked.options
    if options.subject_type == PAIRWISE:
        try:
            sector_of(asked.redirect_uris, options.sector_identifier_uri)
        except InvalidUri as error:
            raise UnfitRegistration(
                said("The redirect URIs do not fit 'pairwise': %(why)s.", why=reason(error)),
                field="redirect_uris",
            ) from error
    return options


def _redirect_uris(asked: Registration, kind: Kind, *, allow_http_loopback: bool) -> list[str]:
    if not kind.redirects:
        if asked.redirect_uris:
            raise UnfitRegistration(
                "Nobody comes back to this kind of client: no redirect URI.", field="redirect_uris"
            )
        return []
    if not 0 < len(asked.redirect_uris) <= policy.MAX_ENTRIES:
        raise UnfitRedirect(
            said(
                "A client of people has 1 to %(max_entries)s redirect URIs.",
                max_entries=policy.MAX_ENTRIES,
            ),
            field="redirect_uris",
        )
    client_kind = cast("ClientKind", asked.kind)
    for uri in asked.redirect_uris:
        try:
            validate_redirect_uri(uri, kind=client_kind, allow_http_loopback=allow_http_loopback)
        except InvalidUri as error:
            raise UnfitRedirect(
                said("The redirect URI %(uri)r is refused: %(why)s.", uri=uri, why=reason(error)),
                field="redirect_uris",
            ) from error
    return list(dict.fromkeys(asked.redirect_uris))


_BY_KEY = (AuthMethod.PRIVATE_KEY_JWT, AuthMethod.SELF_SIGNED_TLS)


def _jwks(asked: Registration, auth_method: AuthMethod) -> dict[str, object] | None:
    by_reference = asked.options.jwks_uri is not None
    if asked.jwks is not None and by_reference:
        raise UnfitRegistration("A client has 'jwks' or 'jwks_uri', not both.")
    if asked.jwks is None and (by_reference or auth_method not in _BY_KEY):
        return None
    return check_jwks(asked.jwks)


def origins_of(checked: Checked) -> list[str]:
    """Return the origins whose scripts may call us: those of a browser application."""
    if checked.kind != "spa":
        return []
    return sorted({parse_uri(uri).origin for uri in checked.redirect_uris})
