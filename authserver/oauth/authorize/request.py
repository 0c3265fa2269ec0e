"""An authorization request that passed the checks; frozen, stored while its person signs in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from authserver.clients.redirects import match_redirect_uri
from authserver.clients.registered import RegisteredClient
from authserver.core.problems import Problem
from authserver.oauth.lane.request import Form
from authserver.tenants.resolve import Issuer
from authserver.tokens.people.requested import NOTHING, RequestedClaims
from authserver.tokens.people.scopes import of_scopes

# What this endpoint understands; the metadata name the same.
RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query", "form_post")
PROMPTS = frozenset({"none", "login", "consent", "select_account", "create"})
DISPLAYS = ("page", "popup", "touch")  # one page fits them all
REPEATABLE = frozenset({"resource"})
_LISTS = ("scope", "resources", "ui_locales", "acr_values")
MAX_STATE = 2048  # characters of `state` and of `nonce`


class UnknownClient(Problem):
    """A page says so, and nothing is ever redirected."""

    code = "unknown_client"
    title = "The client is not known at this issuer"


class UnregisteredRedirectUri(Problem):
    """A page says so, and nothing is ever redirected."""

    code = "unregistered_redirect_uri"
    title = "The redirect URI is not registered for the client"


class Sent(NamedTuple):
    """What a client sent that is known: nothing else of it was looked at."""

    issuer: Issuer
    client: RegisteredClient
    parameters: Form


@dataclass(frozen=True)
class RawRequest:
    """A request whose client and redirect URI are known good; everything else is still text."""

    issuer: Issuer
    client: RegisteredClient
    redirect_uri: str
    parameters: Form


@dataclass(frozen=True)
class AuthorizationRequest:
    """What the client asks for, checked.

    `subject` is whom an ID token named, as the client calls them: nobody else will do.
    `idp_hint` is the name or id of a connection, `domain_hint` a domain that leads to one: what
    leads nowhere is as if it had not been sent. `device` is the device that asks, if it is one
    (RFC 8628), and `user_code` the code by which the person came to it.
    """

    redirect_uri: str
    response_mode: str
    scope: tuple[str, ...]
    resources: tuple[str, ...]
    state: str | None
    nonce: str | None
    code_challenge: str | None
    prompt: frozenset[str]
    max_age: int | None
    login_hint: str | None
    organization: str | None
    ui_locales: tuple[str, ...]
    acr_values: tuple[str, ...] = ()
    idp_hint: str | None = None
    domain_hint: str | None = None
    dpop_jkt: str | None = None
    subject: str | None = None
    claims: RequestedClaims = NOTHING
    device: str | None = None
    user_code: str | None = None

    @property
    def meant(self) -> frozenset[str] | None:
        """Return whom the answer may be about, as the client calls them; None for anybody."""
        hinted, claimed = self.subject, self.claims.subjects
        if hinted is None:
            return None if claimed is None else frozenset(claimed)
        return frozenset({hinted}) if claimed is None else frozenset({hinted}) & set(claimed)

    @property
    def named_claims(self) -> frozenset[str]:
        """Return what is asked for by name and that no scope of the request opens."""
        asked = self.claims.of_person
        return asked.difference(of_scopes(self.scope)) if asked else asked

    def to_json(self) -> dict[str, Any]:
        """Return what is stored."""
        stored = {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in vars(self).items()
        }
        return {**stored, "claims": self.claims.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "AuthorizationRequest":
        """Read what was stored."""
        lists = {name: tuple(stored.get(name, ())) for name in _LISTS}
        claims = RequestedClaims.from_json(stored.get("claims"))
        prompt = frozenset(stored["prompt"])
        return cls(**{**stored, **lists, "prompt": prompt, "claims": claims})


def for_device(
    *,
    device: str,
    user_code: str,
    redirect_uri: str,
    scope: tuple[str, ...],
    resources: tuple[str, ...],
) -> AuthorizationRequest:
    """Return what a device asks for (RFC 8628), whose checks were those of its own endpoint.

    The person is always asked: whoever sent the code may be somebody else (section 5.4).
    """
    return AuthorizationRequest(
        redirect_uri=redirect_uri,
        response_mode="query",
        scope=scope,
        resources=resources,
        state=None,
        nonce=None,
        code_challenge=None,
        prompt=frozenset({"consent"}),
        max_age=None,
        login_hint=None,
        organization=None,
        ui_locales=(),
        device=device,
        user_code=user_code,
    )


def usable(client: RegisteredClient | None) -> RegisteredClient:
    """Make sure that there is a client, before anything else happens."""
    if client is None or not client.usable:
        raise UnknownClient(detail="unknown client, disabled, or not at this issuer")
    return client


def identify(sent: Sent) -> RawRequest:
    """Make sure that the redirect URI is good, before anything else happens (TOP-04)."""
    client, presented = sent.client, sent.parameters.get("redirect_uri")
    if presented is None:
        raise UnregisteredRedirectUri(detail="redirect_uri is missing")
    native = client.kind == "native"
    matched = match_redirect_uri(presented, client.redirect_uris, native=native)
    if matched is None:
        raise UnregisteredRedirectUri(detail=f"presented {presented[:200]!r}")
    return RawRequest(sent.issuer, client, matched, sent.parameters)
