"""What every authorization request must pass, in this order. Errors go to the redirect URI."""

from collections.abc import Callable

from authserver.clients.registered import RegisteredClient
from authserver.oauth import scopes
from authserver.oauth.authorize import pkce
from authserver.oauth.authorize import request as known
from authserver.oauth.authorize.incoming import locales
from authserver.oauth.authorize.outgoing import jarm
from authserver.oauth.authorize.request import AuthorizationRequest, RawRequest
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form
from authserver.oauth.levels import SUPPORTED
from authserver.tokens.people import requested
from authserver.tokens.people.requested import NOTHING, MalformedClaims, RequestedClaims

Check = Callable[[RegisteredClient, Form], None]
_MAX_HINT = 320
_HINTS = ("login_hint", "organization", "ui_locales", "acr_values", "idp_hint", "domain_hint")


def check_registration(_client: RegisteredClient, form: Form) -> None:
    """Refuse what is not supported rather than ignore what was meant to protect."""
    if form.get("registration") is not None:
        raise OAuthError("registration_not_supported", "registration is not supported")


def check_response_type(client: RegisteredClient, form: Form) -> None:
    """Allow code and nothing else: no token ever leaves this endpoint."""
    if form.need("response_type") not in known.RESPONSE_TYPES:
        raise OAuthError("unsupported_response_type", "the response type must be code")
    if "authorization_code" not in client.grant_types:
        raise OAuthError("unauthorized_client", "the client may not use the code flow")


def check_response_mode(client: RegisteredClient, form: Form) -> None:
    """Refuse an answer that would put the code where others read it, or that nobody can verify."""
    signed = jarm.MODES if client.options.authorization_signed_response_alg else ()
    if form.get("response_mode") not in {None, *known.RESPONSE_MODES, *signed}:
        raise OAuthError("invalid_request", "the response mode is not supported")


def check_lengths(_client: RegisteredClient, form: Form) -> None:
    """Refuse state, nonce and hints that are too long to keep."""
    for name, most in (("state", known.MAX_STATE), ("nonce", known.MAX_STATE)):
        if len(form.get(name) or "") > most:
            raise OAuthError("invalid_request", f"the parameter {name} is too long")
    for name in _HINTS:
        if len(form.get(name) or "") > _MAX_HINT:
            raise OAuthError("invalid_request", f"the parameter {name} is too long")


def check_pkce(client: RegisteredClient, form: Form) -> None:
    """Require S256; a client registered for it may do without, but never use `plain`."""
    challenge, method = form.get("code_challenge"), form.get("code_challenge_method")
    if challenge is None:
        if client.pkce_required or method is not None:
            raise OAuthError("invalid_request", "the parameter code_challenge is missing")
        return
    if method != "S256":
        raise OAuthError("invalid_request", "the code_challenge_method must be S256")
    if not pkce.is_challenge(challenge):
        raise OAuthError("invalid_request", "the code_challenge is malformed")


def check_key(_client: RegisteredClient, form: Form) -> None:
    """Refuse what is no thumbprint: a code would be bound to nothing (RFC 9449 section 10)."""
    jkt = form.get("dpop_jkt")
    if jkt is not None and not pkce.is_challenge(jkt):
        raise OAuthError("invalid_request", "the parameter dpop_jkt is no thumbprint of a key")


def check_scope(client: RegisteredClient, form: Form) -> None:
    """Refuse a scope outside the client's list."""
    scopes.narrow(scopes.parse(form.get("scope")), client.scopes)


def check_resource(client: RegisteredClient, form: Form) -> None:
    """Refuse a target service outside the client's list (RFC 8707)."""
    scopes.narrow_resources(form.all("resource"), client.audiences)


def check_prompt(_client: RegisteredClient, form: Form) -> None:
    """Refuse unknown prompts, and `none` together with another."""
    prompts = set(_words(form.get("prompt")))
    if not prompts <= known.PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise OAuthError("invalid_request", "the prompt is not supported")


def check_max_age(_client: RegisteredClient, form: Form) -> None:
    """Refuse a max_age that is not a number of seconds."""
    max_age = form.get("max_age")
    if max_age is not None and not (max_age.isascii() and max_age.isdigit() and len(max_age) < 10):  # noqa: PLR2004  three centuries
        raise OAuthError("invalid_request", "max_age must be a number of seconds")


def check_claims(client: RegisteredClient, form: Form) -> None:
    """Refuse a `claims` parameter that is malformed, or whose condition nobody can meet."""
    claims, _ = _claims(client, form)
    demanded = claims.essential_acr
    if demanded is not None and not set(demanded) & set(SUPPORTED):
        raise OAuthError("unmet_authentication_requirements", "no such acr value is supported")


CHECKS: tuple[Check, ...] = (
    check_registration,
    check_response_type,
    check_response_mode,
    check_lengths,
    check_pkce,
    check_key,
    check_scope,
    check_resource,
    check_prompt,
    check_max_age,
    check_claims,
)


def _words(text: str | None) -> tuple[str, ...]:
    """Return a list parameter; only the ASCII space separates (OpenID Connect Core 3.1.2.1)."""
    return tuple(word for word in (text or "").split(" ") if word)


def _claims(client: RegisteredClient, form: Form) -> tuple[RequestedClaims, tuple[str, ...]]:
    """Return the claims asked for by name, and the acr values among them that are wishes."""
    text = form.get("claims")
    if text is None:
        return NOTHING, ()
    try:
        return requested.parse(text, client.scopes)
    except MalformedClaims as error:
        raise OAuthError("invalid_request", f"the parameter claims is refused: {error}") from error


def checked(raw: RawRequest) -> AuthorizationRequest:
    """Return the request, or raise the OAuthError that its client is told."""
    form = raw.parameters
    for check in CHECKS:
        check(raw.client, form)
    claims, preferred = _claims(raw.client, form)
    defaults, wished = raw.client.options, _words(form.get("acr_values"))
    return AuthorizationRequest(
        redirect_uri=raw.redirect_uri,
        response_mode=form.get("response_mode") or "query",
        scope=scopes.narrow(scopes.parse(form.get("scope")), raw.client.scopes),
        resources=form.all("resource"),
        state=form.get("state"),
        nonce=form.get("nonce"),
        code_challenge=form.get("code_challenge"),
        prompt=frozenset(_words(form.get("prompt"))),
        max_age=int(age) if (age := form.get("max_age")) else defaults.default_max_age,
        login_hint=form.get("login_hint"),
        organization=form.get("organization"),
        ui_locales=locales.wishes(form.get("ui_locales")),
        acr_values=claims.essential_acr or wished or preferred or defaults.default_acr_values,
        idp_hint=form.get("idp_hint"),
        domain_hint=form.get("domain_hint"),
        dpop_jkt=form.get("dpop_jkt"),
        claims=claims,
    )
