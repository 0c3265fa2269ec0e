"""Which options fit a client, one small function for each rule, in order.

Every refusal says what to change. What has to be looked up elsewhere (the document at
`sector_identifier_uri`, the picture at `logo_uri`) is not decided here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from authserver.clients.metadata import values
from authserver.clients.metadata.certificates import check_names
from authserver.clients.options import CERTIFICATE_NAMES, DEFAULTS, Options
from authserver.clients.policy import (
    CONTENT_ENCRYPTIONS,
    ENCRYPTION_ALGORITHMS,
    SECRET_ALGORITHMS,
    SIGNING_ALGORITHMS,
    AuthMethod,
    UnfitRegistration,
    check_link,
    find_kind,
)
from authserver.clients.redirects import ClientKind, validate_redirect_uri
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.said import reason, said

SUBJECT_TYPES = ("public", "pairwise")
# What clients without people may register, too.
FOR_MACHINES = frozenset(
    {
        "jwks_uri", "token_endpoint_auth_signing_alg", "introspection_signed_response_alg",
        "dpop_bound_access_tokens", "dpop_nonce_required", "client_uri", "logo_uri",
        "tls_client_certificate_bound_access_tokens", *CERTIFICATE_NAMES,
        "contacts", "software_id", "software_version", "software_statement", "security_profile",
        "access_token_seconds",
    }
)  # fmt: skip
_SIGNED = (
    "userinfo_signed_response_alg", "request_object_signing_alg",
    "authorization_signed_response_alg", "introspection_signed_response_alg",
)  # fmt: skip
_ENCRYPTED = ("id_token_encrypted_response", "userinfo_encrypted_response")
_CALLED = (
    "jwks_uri", "sector_identifier_uri", "backchannel_logout_uri", "frontchannel_logout_uri",
    "initiate_login_uri", "logo_uri",
)  # fmt: skip
SHORTEST_TOKEN, LONGEST_TOKEN = 60, 86_400
_MAX_CONTACTS = 10
_MAX_ACR_VALUES = 10
_MAX_STATEMENT = 8 * 1024


@dataclass(frozen=True)
class Around:
    """What the options of a client have to fit to. `has_jwks`: its keys came by value."""

    kind: str
    auth_method: AuthMethod
    redirect_uris: Sequence[str]
    has_jwks: bool
    allow_http_loopback: bool

    @property
    def has_people(self) -> bool:
        """Tell whether people sign in to the client."""
        return find_kind(self.kind).has_people


def check_options(options: Options, around: Around) -> Options:
    """Return the options as they may be stored. Raises UnfitRegistration."""
    for check in CHECKS:
        check(options, around)
    return _complete(options)


def check_nobody_signs_in(options: Options, around: Around) -> None:
    """Refuse what is about people where there are none."""
    if around.has_people:
        return
    for field in fields(options):
        name = field.name
        if name not in FOR_MACHINES and getattr(options, name) != getattr(DEFAULTS, name):
            raise UnfitRegistration(
                said("Nobody signs in to this kind of client: no '%(name)s'.", name=name)
            )


def check_addresses(options: Options, around: Around) -> None:
    """Accept https addresses alone."""
    for name in _CALLED:
        if (url := getattr(options, name)) is not None:
            values.check_url(name, url, allow_http_loopback=around.allow_http_loopback)
    check_link(options.client_uri)


def check_keys(options: Options, around: Around) -> None:
    """Refuse keys in two places, and encryption or signed requests without any."""
    if around.has_jwks and options.jwks_uri:
        raise UnfitRegistration("A client has 'jwks' or 'jwks_uri', not both.")
    if around.has_jwks or options.jwks_uri:
        return
    needing = [f"{prefix}_alg" for prefix in _ENCRYPTED if getattr(options, f"{prefix}_alg")]
    if options.require_signed_request_object:
        needing.append("require_signed_request_object")
    if needing:
        raise UnfitRegistration(
            said("'%(needing)s' needs the client's keys: 'jwks' or 'jwks_uri'.", needing=needing[0])
        )


def check_certificates(options: Options, around: Around) -> None:
    """Accept a fit name of the client's certificates. A token is bound to one thing only."""
    check_names(options, around.auth_method)
    if options.tls_client_certificate_bound_access_tokens and options.dpop_bound_access_tokens:
        raise UnfitRegistration("Tokens are bound by DPoP or to a certificate, not both.")


def check_subject(options: Options, around: Around) -> None:
    """Refuse pairwise subjects of several hosts without a sector (OIDC Core section 8.1)."""
    values.check_one_of("subject_type", options.subject_type, SUBJECT_TYPES)
    if options.subject_type != "pairwise" or options.sector_identifier_uri:
        return
    if len({parse_uri(uri).host for uri in around.redirect_uris}) > 1:
        raise UnfitRegistration(
            "Redirect URIs of several hosts and pairwise subjects need a 'sector_identifier_uri'."
        )


def check_signatures(options: Options, around: Around) -> None:
    """Accept the algorithms that this server signs and verifies with; never `none`."""
    for name in _SIGNED:
        if (alg := getattr(options, name)) is not None:
            values.check_one_of(name, alg, SIGNING_ALGORITHMS)
    if (alg := options.token_endpoint_auth_signing_alg) is not None:
        by_secret = around.auth_method is AuthMethod.SECRET_JWT
        allowed = SECRET_ALGORITHMS if by_secret else SIGNING_ALGORITHMS
        values.check_one_of("token_endpoint_auth_signing_alg", alg, allowed)


def check_encryption(options: Options, around: Around) -> None:
    """Accept key and content encryption together."""
    del around
    for prefix in _ENCRYPTED:
        alg, enc = getattr(options, f"{prefix}_alg"), getattr(options, f"{prefix}_enc")
        if alg is not None:
            values.check_one_of(f"{prefix}_alg", alg, ENCRYPTION_ALGORITHMS)
        if enc is not None:
            values.check_one_of(f"{prefix}_enc", enc, CONTENT_ENCRYPTIONS)
        if enc is not None and alg is None:
            raise UnfitRegistration(
                said("'%(prefix)s_enc' means nothing without '%(prefix)s_alg'.", prefix=prefix)
            )


def check_requests(options: Options, around: Around) -> None:
    """Accept what authorization requests may be like."""
    if len(options.request_uris) > values.MAX_ENTRIES:
        raise UnfitRegistration(
            said(
                "'request_uris' has more than %(max_entries)s entries.",
                max_entries=values.MAX_ENTRIES,
            )
        )
    for uri in options.request_uris:
        values.check_request_uri(uri, allow_http_loopback=around.allow_http_loopback)
    if options.default_max_age is not None:
        values.check_age("default_max_age", options.default_max_age)
    values.check_texts("default_acr_values", options.default_acr_values, most=_MAX_ACR_VALUES)
    if any(" " in acr for acr in options.default_acr_values):
        raise UnfitRegistration("Each of 'default_acr_values' is a word of its own.")


def check_signing_out(options: Options, around: Around) -> None:
    """Accept where people are sent after signing out, by the rules of redirect URIs.

    A front-channel address is framed: it has to be where a redirect URI is (Front-Channel Logout
    section 2).
    """
    if len(options.post_logout_redirect_uris) > values.MAX_ENTRIES:
        raise UnfitRegistration(
            said(
                "'post_logout_redirect_uris' has more than %(max_entries)s entries.",
                max_entries=values.MAX_ENTRIES,
            )
        )
    for uri in options.post_logout_redirect_uris:
        _check_post_logout(uri, around)
    framed = options.frontchannel_logout_uri
    if framed is None:
        return
    origins = {parse_uri(uri).origin for uri in around.redirect_uris}
    if parse_uri(framed).origin not in origins:
        raise UnfitRegistration("'frontchannel_logout_uri' is not at the origin of a redirect URI.")


def _check_post_logout(uri: str, around: Around) -> None:
    kind: ClientKind = "native" if around.kind == "native" else "web"
    try:
        validate_redirect_uri(uri, kind=kind, allow_http_loopback=around.allow_http_loopback)
    except InvalidUri as error:
        raise UnfitRegistration(
            said(
                "%(uri)r of 'post_logout_redirect_uris' is refused: %(why)s.",
                uri=uri,
                why=reason(error),
            )
        ) from error


def check_life(options: Options, around: Around) -> None:
    """Accept a life that a program can work with. What its kind has at most holds anyway."""
    del around
    seconds = options.access_token_seconds
    if seconds is not None and not SHORTEST_TOKEN <= seconds <= LONGEST_TOKEN:
        raise UnfitRegistration(
            said(
                "'access_token_seconds' is a number from %(shortest_token)s to %(longest_token)s.",
                shortest_token=SHORTEST_TOKEN,
                longest_token=LONGEST_TOKEN,
            )
        )


def check_words(options: Options, around: Around) -> None:
    """Accept short texts about the client."""
    del around
    values.check_texts("contacts", options.contacts, most=_MAX_CONTACTS)
    for name in ("software_id", "software_version"):
        if (text := getattr(options, name)) is not None:
            values.check_texts(name, [text], most=1)
    if options.software_statement is not None:
        statement = [options.software_statement]
        values.check_texts("software_statement", statement, most=1, longest=_MAX_STATEMENT)


def _complete(options: Options) -> Options:
    """Name the content encryption that is the default beside a key encryption (RFC 7591)."""
    implied: dict[str, Any] = {
        f"{prefix}_enc": CONTENT_ENCRYPTIONS[0]
        for prefix in _ENCRYPTED
        if getattr(options, f"{prefix}_alg") and not getattr(options, f"{prefix}_enc")
    }
    return replace(options, **implied)


Check = Callable[[Options, Around], None]

CHECKS: tuple[Check, ...] = (
    check_nobody_signs_in,
    check_addresses,
    check_keys,
    check_certificates,
    check_subject,
    check_signatures,
    check_encryption,
    check_requests,
    check_signing_out,
    check_life,
    check_words,
)
