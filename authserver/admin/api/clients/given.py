"""What callers say of a client."""

from typing import Annotated, Any, Literal

from pydantic import Field

from authserver.admin.rest.operation import Given
from authserver.admin.rest.paging import PageQuery
from authserver.core.sorting import Sorting

Kind = Literal["web", "spa", "native", "device", "service", "partner"]
Method = Literal[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "client_secret_jwt",
    "tls_client_auth",
    "self_signed_tls_client_auth",
]
Text = Annotated[str, Field(max_length=255)]
Url = Annotated[str, Field(max_length=2048)]
Urls = Annotated[list[Url], Field(max_length=100)]
Texts = Annotated[list[Text], Field(max_length=100)]
Scopes = Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=100)]
Networks = Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=100)]
Slugs = Annotated[list[Annotated[str, Field(max_length=63)]], Field(max_length=100)]
Algorithm = Literal["ES256", "ES384", "RS256", "PS256", "EdDSA"]


class ClientOrder(Sorting):
    """What lists of clients are sorted by."""

    NAME = "name"
    CREATED = "created"
    NAME_DOWN = "-name"
    OLDEST = "-created"


class ClientsQuery(PageQuery):
    """Which clients: `q` is how the name begins, or a whole client_id.

    `sort`: the newest first for `created`; a minus before it turns the order round.
    """

    q: Annotated[str | None, Field(max_length=120)] = None
    kind: Kind | None = None
    disabled: Annotated[bool | None, Field(strict=False)] = None
    self_registered: Annotated[bool | None, Field(strict=False)] = None
    sort: Annotated[ClientOrder, Field(strict=False)] = ClientOrder.NAME


class OptionsGiven(Given):
    """Client metadata by the names of the IANA registry, and some of ours; null is the default."""

    jwks_uri: Url | None = None
    subject_type: Text | None = None
    sector_identifier_uri: Url | None = None
    id_token_encrypted_response_alg: Text | None = None
    id_token_encrypted_response_enc: Text | None = None
    userinfo_signed_response_alg: Text | None = None
    userinfo_encrypted_response_alg: Text | None = None
    userinfo_encrypted_response_enc: Text | None = None
    default_max_age: Annotated[int | None, Field(ge=0, le=1_000_000_000)] = None
    require_auth_time: bool | None = None
    default_acr_values: Texts | None = None
    request_object_signing_alg: Text | None = None
    require_signed_request_object: bool | None = None
    request_uris: Urls | None = None
    require_pushed_authorization_requests: bool | None = None
    authorization_signed_response_alg: Text | None = None
    token_endpoint_auth_signing_alg: Text | None = None
    introspection_signed_response_alg: Text | None = None
    tls_client_auth_subject_dn: Url | None = None
    tls_client_auth_san_dns: Text | None = None
    tls_client_auth_san_uri: Url | None = None
    tls_client_auth_san_ip: Text | None = None
    tls_client_auth_san_email: Text | None = None
    tls_client_certificate_bound_access_tokens: bool | None = None
    dpop_bound_access_tokens: bool | None = None
    dpop_nonce_required: bool | None = None
    access_token_seconds: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    security_profile: Text | None = None
    post_logout_redirect_uris: Urls | None = None
    backchannel_logout_uri: Url | None = None
    backchannel_logout_session_required: bool | None = None
    frontchannel_logout_uri: Url | None = None
    frontchannel_logout_session_required: bool | None = None
    initiate_login_uri: Url | None = None
    client_uri: Url | None = None
    logo_uri: Url | None = None
    contacts: Texts | None = None
    software_id: Text | None = None
    software_version: Text | None = None
    software_statement: Annotated[str | None, Field(max_length=8192)] = None


class _Registered(Given):
    """What is registered of every client; null in a patch is the default."""

    redirect_uris: Urls | None = None
    scopes: Scopes | None = None
    audiences: Urls | None = None
    ip_allowlist: Networks | None = None
    rate: Annotated[str | None, Field(max_length=32)] = None
    auth_method: Method | None = None
    grant_types: Annotated[list[Text], Field(max_length=10)] | None = None
    jwks: dict[str, Any] | None = None
    pkce_required: bool | None = None
    first_party: bool | None = None
    access_token_alg: Algorithm | None = None
    id_token_alg: Algorithm | None = None
    policy_uri: Url | None = None
    tos_uri: Url | None = None
    options: OptionsGiven | None = None

    def sent(self) -> dict[str, Any]:
        """Return what was sent, options beside the others."""
        values = {name: getattr(self, name) for name in self.model_fields_set - {"options"}}
        options = self.options.model_dump(exclude_unset=True) if self.options else {}
        return values | {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in options.items()
        }


class NewClient(_Registered):
    """A client to register; what is left out is as its kind has it.

    `serves` are slugs of tenants whose people sign in, "*" is all: for callers of the platform.
    """

    name: Annotated[str, Field(max_length=120)]
    kind: Kind
    at_tenant_issuer: bool = False
    serves: Slugs = Field(default_factory=list)


class ClientPatch(_Registered):
    """What to change of a client: what is left out stays, null is the default (RFC 7396)."""

    name: Annotated[str, Field(max_length=120)] = ""


class NewSecret(Given):
    """How a new secret follows the present one: hours that this one works on, days of the new."""

    overlap_hours: Annotated[int, Field(ge=0, le=24 * 90)] = 24
    expires_in_days: Annotated[int | None, Field(ge=1, le=730)] = None


class AddressQuery(Given):
    """Which address; by default the caller's own."""

    address: Annotated[str | None, Field(max_length=64)] = None


class SnippetsQuery(Given):
    """In which language; by default in all."""

    language: Literal["curl", "python", "node", "go", "java"] | None = None


class TrialGiven(Given):
    """What to ask for in a trial; by default everything that the client has."""

    scopes: Scopes = Field(default_factory=list)
    audience: Url | None = None
    address: Annotated[str | None, Field(max_length=64)] = None
