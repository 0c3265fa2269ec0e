"""What a client may register beyond what every client has, by the names of the IANA registry.

One document in the client's row: most clients have none of it. Checked by clients/metadata before
it is stored; whoever reads it relies on that.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

PUBLIC, PAIRWISE = "public", "pairwise"
SUBJECT_TYPES = (PUBLIC, PAIRWISE)

# The one name that an authority vouches for (RFC 8705 section 2.1.2).
CERTIFICATE_NAMES = (
    "tls_client_auth_subject_dn", "tls_client_auth_san_dns", "tls_client_auth_san_uri",
    "tls_client_auth_san_ip", "tls_client_auth_san_email",
)  # fmt: skip

FAPI2 = "fapi2"
FAPI2_ALGORITHMS = ("ES256", "PS256", "EdDSA")  # FAPI 2.0 Security Profile section 5.4


@dataclass(frozen=True)
class Options:
    """Client metadata with its defaults (RFC 7591, OpenID Connect Registration, and others).

    Sequences are tuples here and lists where they are stored.
    """

    # Keys, and who the person is to this client (OpenID Connect Core section 8).
    jwks_uri: str | None = None
    subject_type: str = PUBLIC
    sector_identifier_uri: str | None = None
    # ID token and UserInfo (OpenID Connect Registration section 2).
    id_token_encrypted_response_alg: str | None = None
    id_token_encrypted_response_enc: str | None = None
    userinfo_signed_response_alg: str | None = None
    userinfo_encrypted_response_alg: str | None = None
    userinfo_encrypted_response_enc: str | None = None
    # Authorization requests and their answers (RFC 9101, RFC 9126, JARM).
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    request_object_signing_alg: str | None = None
    require_signed_request_object: bool = False
    request_uris: tuple[str, ...] = ()
    require_pushed_authorization_requests: bool = False
    authorization_signed_response_alg: str | None = None
    # Authentication and answers to machines (RFC 7591, RFC 9701).
    token_endpoint_auth_signing_alg: str | None = None
    introspection_signed_response_alg: str | None = None
    # Certificates (RFC 8705): the client's name in them, and tokens that are good only with one.
    tls_client_auth_subject_dn: str | None = None
    tls_client_auth_san_dns: str | None = None
    tls_client_auth_san_uri: str | None = None
    tls_client_auth_san_ip: str | None = None
    tls_client_auth_san_email: str | None = None
    tls_client_certificate_bound_access_tokens: bool = False
    # Tokens that are good only with a key of the client (RFC 9449); `dpop_nonce_required` is ours.
    dpop_bound_access_tokens: bool = False
    dpop_nonce_required: bool = False
    # A set of promises that this server holds the client to; ours, clients/metadata/profiles.py.
    security_profile: str | None = None
    # Signing out, and in from elsewhere.
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    initiate_login_uri: str | None = None
    # What people are shown; what operators know.
    client_uri: str | None = None
    logo_uri: str | None = None
    contacts: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    software_statement: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return what is stored: what differs from the defaults."""
        default = asdict(DEFAULTS)
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value != default[name]
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Read what was stored; a name of a later version is passed over."""
        values: dict[str, Any] = {
            field.name: tuple(value) if isinstance(value, list) else value
            for field in fields(cls)
            if (value := stored.get(field.name)) is not None
        }
        return cls(**values)


DEFAULTS = Options()
