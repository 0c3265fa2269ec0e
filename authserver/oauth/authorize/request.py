"""An authorization request that passed the checks; frozen, stored while its person signs in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from authserver.clients.redirects import match_redirect_uri
from authserver.clients.registered import RegisteredClient
from authserver.core.problems import Problem
from authserver.oauth.lane.request import Form
from authserver.tenants.resolve import Issuer

# What this endpoint understands; the metadata name the same.
RESPONSE_TYPES = ("code",)
RESPONSE_MODES = ("query", "form_post")
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
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

    `idp_hint` is the name or id of a connection, `domain_hint` a domain that leads to one: what
    leads nowhere is as if it had not been sent.
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

    def to_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "AuthorizationRequest":
        """Read what was stored."""
        lists = {name: tuple(stored.get(name, ())) for name in _LISTS}
        return cls(**{**stored, **lists, "prompt": frozenset(stored["prompt"])})


def identify(issuer: Issuer, client: RegisteredClient | None, parameters: Form) -> RawRequest:
    """Make sure that client and redirect URI are good, before anything else happens (TOP-04)."""
    if client is None or not client.usable:
        raise UnknownClient(detail="unknown client, disabled, or not at this issuer")
    presented = parameters.get("redirect_uri")
    if presented is None:
        raise UnregisteredRedirectUri(detail="redirect_uri is missing")
    native = client.kind == "native"
    matched = match_redirect_uri(presented, client.redirect_uris, native=native)
    if matched is None:
        raise UnregisteredRedirectUri(detail=f"presented {presented[:200]!r}")
    return RawRequest(issuer, client, matched, parameters)
