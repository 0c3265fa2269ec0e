"""What each kind of client may be registered with. Values in, decision out."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeVar

from authserver.core.limits.buckets import Rate
from authserver.core.net.addresses import InvalidAddress, parse_networks
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.problems import Problem
from authserver.core.values.said import reason, said
from authserver.usage.policy import MOST_QUOTA

T = TypeVar("T")

ALL_TENANTS = "*"
PEOPLE_SCOPES = frozenset({"openid", "profile", "email", "phone", "address", "offline_access"})
ES256, RS256 = "ES256", "RS256"
SIGNING_ALGORITHMS = (ES256, "ES384", RS256, "PS256", "EdDSA")
# RFC 7518 section 4.1, without what leaks (RSA1_5) and what needs a shared key.
ENCRYPTION_ALGORITHMS = ("RSA-OAEP", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW")
# Of a signature with the client's own secret (client_secret_jwt): RFC 7518 section 3.2.
SECRET_ALGORITHMS = ("HS256", "HS384", "HS512")
CONTENT_ENCRYPTIONS = ("A128CBC-HS256", "A256CBC-HS512", "A128GCM", "A256GCM")
MAX_ENTRIES = 100
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"  # RFC 8628
_MAX_SCOPE = 128
# RFC 6749 section 3.3: printable ASCII without space, quote and backslash.
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")
# RFC 8141, without r-, q- and f-components.
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{0,30}[a-z0-9]:[A-Za-z0-9._~!$&'()+,;=:@/-]{1,255}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class AuthMethod(StrEnum):
    """How a client proves who it is (RFC 7591 section 2)."""

    NONE = "none"
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"
    SECRET_JWT = "client_secret_jwt"  # noqa: S105  a name
    TLS = "tls_client_auth"
    SELF_SIGNED_TLS = "self_signed_tls_client_auth"

    @property
    def has_secret(self) -> bool:
        """Tell whether the client is given a secret."""
        return self in {AuthMethod.BASIC, AuthMethod.POST, AuthMethod.SECRET_JWT}


@dataclass(frozen=True)
class Kind:
    """The defaults of a kind. `token_life` is the name of a setting."""

    auth_methods: tuple[AuthMethod, ...]
    grant_types: tuple[str, ...]
    refresh: Literal["always", "offline_access", "never"]
    token_life: str

    @property
    def has_people(self) -> bool:
        """Tell whether people sign in to such clients."""
        return self.redirects or DEVICE_CODE in self.grant_types

    @property
    def redirects(self) -> bool:
        """Tell whether people's browsers come back to such clients."""
        return "authorization_code" in self.grant_types

    @property
    def usual_scopes(self) -> tuple[str, ...]:
        """Return what a client gets unless somebody says what it needs."""
        if not self.has_people:
            return ()
        stays = ("offline_access",) if self.refresh == "offline_access" else ()
        return ("openid", "profile", "email", *stays)

    @property
    def default_auth_method(self) -> AuthMethod:
        """Return the way to authenticate unless another was asked for."""
        return self.auth_methods[0]


NOTHING_MISSING: Mapping[AuthMethod, str] = MappingProxyType({})
_CONFIDENTIAL = tuple(method for method in AuthMethod if method is not AuthMethod.NONE)
_CODE = ("authorization_code", "refresh_token")
_MACHINE = ("client_credentials",)
_DEVICE = (DEVICE_CODE, "refresh_token")

KINDS: Mapping[str, Kind] = {
    "web": Kind(_CONFIDENTIAL, _CODE, "always", "access_token_life"),
    "spa": Kind((AuthMethod.NONE,), _CODE, "offline_access", "access_token_life"),
    "native": Kind((AuthMethod.NONE,), _CODE, "always", "access_token_life"),
    "device": Kind((AuthMethod.NONE, *_CONFIDENTIAL), _DEVICE, "always", "access_token_life"),
    "service": Kind(_CONFIDENTIAL, _MACHINE, "never", "service_token_life"),
    "partner": Kind(_CONFIDENTIAL, _MACHINE, "never", "partner_token_life"),
}


class UnfitRegistration(Problem):
    """The client cannot be registered like this; the description says what to change."""

    code = "invalid_client_metadata"  # RFC 7591 section 3.2.2
    title = "The client cannot be registered like this"


class UnfitRedirect(UnfitRegistration):
    """A redirect URI cannot be registered; the description says why."""

    code = "invalid_redirect_uri"


def find_kind(name: str) -> Kind:
    """Return the defaults of a kind. Raises UnfitRegistration."""
    if name not in KINDS:
        raise UnfitRegistration(
            said("A client's kind is one of %(kinds)s.", kinds=", ".join(KINDS)), field="kind"
        )
    return KINDS[name]


def issues_refresh_token(kind: str, granted: Iterable[str]) -> bool:
    """Tell whether a code of such a client gives a refresh token, for the granted scopes."""
    rule = KINDS[kind].refresh
    return rule != "never" and (rule == "always" or "offline_access" in granted)


def choose_auth_method(
    kind: Kind, asked: str | None, missing: Mapping[AuthMethod, str] = NOTHING_MISSING
) -> AuthMethod:
    """Return how the client authenticates: public kinds never, confidential kinds always.

    `missing` says of the methods that are not offered here what they lack.
    """
    if asked is None:
        return kind.default_auth_method
    if asked not in kind.auth_methods:
        raise UnfitRegistration(
            said(
                "This kind authenticates with %(auth_methods)s.",
                auth_methods=_listed(kind.auth_methods),
            ),
            field="auth_method",
        )
    method = AuthMethod(asked)
    if method in missing:
        raise UnfitRegistration(missing[method], field="auth_method")
    return method


def choose_grant_types(kind: Kind, asked: Sequence[str] | None) -> list[str]:
    """Return which of its kind's grants the client uses: all of them unless it asked for fewer."""
    if asked is None:
        return list(kind.grant_types)
    if not asked or not set(asked) <= set(kind.grant_types):
        raise UnfitRegistration(
            said(
                "The grants of this kind are %(grant_types)s.",
                grant_types=", ".join(kind.grant_types),
            ),
            field="grant_types",
        )
    if kind.grant_types[0] not in asked:
        raise UnfitRegistration(
            said(
                "This kind always has the grant %(grant_types)s.", grant_types=kind.grant_types[0]
            ),
            field="grant_types",
        )
    return [grant for grant in kind.grant_types if grant in asked]


def check_scopes(kind: Kind, scopes: Sequence[str]) -> list[str]:
    """Return the scopes, each once. Machines never get the scopes that are about people."""
    for scope in scopes:
        if not _SCOPE_TOKEN.fullmatch(scope) or len(scope) > _MAX_SCOPE:
            raise UnfitRegistration(
                said("%(scope)r is not a scope: ASCII, no space, no quote.", scope=scope),
                field="scopes",
            )
    if not kind.has_people and (taken := sorted(PEOPLE_SCOPES & set(scopes))):
        raise UnfitRegistration(
            said("The scope '%(taken)s' is for clients to which people sign in.", taken=taken[0]),
            field="scopes",
        )
    return _each_once("scopes", scopes)


def check_audiences(audiences: Sequence[str], *, allow_http_loopback: bool = False) -> list[str]:
    """Return the audiences, each once: https URIs or URNs without a fragment (RFC 8707)."""
    for audience in audiences:
        if not _URN.fullmatch(audience):
            _check_audience_uri(audience, allow_http_loopback=allow_http_loopback)
    return _each_once("audiences", audiences)


def _check_audience_uri(audience: str, *, allow_http_loopback: bool) -> None:
    uri = _read(f"The audience {audience!r}", parse_uri, audience)
    loopback = allow_http_loopback and uri.scheme == "http" and uri.host in _LOOPBACK
    if uri.scheme != "https" and not loopback:
        raise UnfitRegistration(
            said("The audience %(audience)r is neither an https URI nor a URN.", audience=audience),
            field="audiences",
        )


def check_networks(networks: Sequence[str]) -> list[str]:
    """Return the address allowlist, each network once, in canonical form."""
    parsed = _read("The address allowlist", parse_networks, networks)
    return _each_once("networks", [str(network) for network in parsed])


def check_rate(rate: str | None) -> str | None:
    """Return the rate limit, e.g. `60/minute`. Raises UnfitRegistration."""
    if rate is not None:
        _read("The rate limit", Rate.parse, rate)
    return rate


def raises_rate(present: str | None, wanted: str | None) -> bool:
    """Tell whether a rate limit would let more through than the present one; none is no limit."""
    if present is None or present == wanted:
        return False
    return wanted is None or not Rate.parse(wanted).is_within(Rate.parse(present))


def check_quota(number: int | None) -> int | None:
    """Return how many tokens a day or a month may bring, None for any number."""
    if number is not None and not 1 <= number <= MOST_QUOTA:
        raise UnfitRegistration(
            said("A quota is between 1 and %(most_quota)s tokens, or none.", most_quota=MOST_QUOTA)
        )
    return number


def check_link(url: str | None) -> str | None:
    """Return the address of a policy or of terms: https only."""
    if url is not None and _read(f"The link {url!r}", parse_uri, url).scheme != "https":
        raise UnfitRegistration(said("The link %(url)r is not https.", url=url))
    return url


def check_algorithm(alg: str) -> str:
    """Return a signature algorithm that this server offers."""
    if alg not in SIGNING_ALGORITHMS:
        raise UnfitRegistration(
            said(
                "An algorithm is one of %(signing_algorithms)s.",
                signing_algorithms=", ".join(SIGNING_ALGORITHMS),
            )
        )
    return alg


def check_pkce(auth_method: AuthMethod, *, required: bool) -> bool:
    """Return whether PKCE is demanded: public clients have no choice (RFC 9700 section 2.1.1)."""
    if auth_method is AuthMethod.NONE and not required:
        raise UnfitRegistration("A public client always uses PKCE.")
    return required


def check_serves(serves: Sequence[str], *, tenant_type: str, kind: Kind) -> list[str]:
    """Return whose people the client serves. All tenants: clients of an internal tenant only."""
    if serves and not kind.has_people:
        raise UnfitRegistration("Nobody signs in to this kind of client: it serves no tenant.")
    if ALL_TENANTS in serves and len(serves) > 1:
        raise UnfitRegistration(
            said("'%(all_tenants)s' means all tenants: name no other.", all_tenants=ALL_TENANTS)
        )
    if ALL_TENANTS in serves and tenant_type != "internal":
        raise UnfitRegistration("Only a client of an internal tenant serves all tenants.")
    return _each_once("tenants", serves)


def _each_once(what: str, values: Sequence[str]) -> list[str]:
    if len(values) > MAX_ENTRIES:
        raise UnfitRegistration(
            said(
                "There are more than %(max_entries)s %(what)s.", max_entries=MAX_ENTRIES, what=what
            )
        )
    return list(dict.fromkeys(values))


def _listed(methods: Iterable[AuthMethod]) -> str:
    return " or ".join(method.value for method in methods)


def _read(what: str, parse: Callable[[str], T] | Callable[..., T], value: object) -> T:
    """Parse with a tool of core and turn its plain words into a refusal."""
    try:
        return parse(value)  # type: ignore[arg-type]  # one caller parses a list
    except (InvalidUri, InvalidAddress, ValueError) as error:
        raise UnfitRegistration(
            said("%(what)s is refused: %(why)s.", what=what, why=reason(error))
        ) from error
