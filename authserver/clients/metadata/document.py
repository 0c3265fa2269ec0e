"""A registration as the JSON document of RFC 7591 section 2: read, and written back.

Members that nobody here knows are passed over; those that are known have to be of their type.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from authserver.clients.metadata.checks import FOR_MACHINES
from authserver.clients.options import Options
from authserver.clients.policy import (
    DEVICE_CODE,
    KINDS,
    PEOPLE_SCOPES,
    AuthMethod,
    UnfitRegistration,
    find_kind,
)
from authserver.clients.registration import Registration
from authserver.core.net.uri import InvalidUri, parse_uri
from authserver.core.said import said
from authserver.tenants.policy import MAX_NAME

if TYPE_CHECKING:
    from authserver.clients.models import Client

CODE, MACHINE = "authorization_code", "client_credentials"
RESPONSE_TYPE = "code"
APPLICATION_TYPES = ("web", "native")
_TYPES = get_type_hints(Options)
_LONGEST_SCOPE = 4096
_Members = Mapping[str, Any]


@dataclass(frozen=True)
class Granting:
    """What whoever lets a client register grants it, whatever it asks for."""

    tenant_id: str
    kinds: tuple[str, ...]
    scopes: tuple[str, ...]
    pkce_required: bool
    at_tenant_issuer: bool
    vouched_for: bool = False


def registration_of(members: _Members, granting: Granting) -> Registration:
    """Return what a client asks for, as far as it may. Raises UnfitRegistration.

    Whether the values fit is checked later, as of every registration.
    """
    kind, method = _kind(members), _text(members, "token_endpoint_auth_method")
    if kind not in granting.kinds:
        raise UnfitRegistration(
            said("Clients of the kind %(kind)r cannot register here.", kind=kind)
        )
    public = kind in {"spa", "native"}
    rule = find_kind(kind)
    return Registration(
        tenant_id=granting.tenant_id,
        name=_text(members, "client_name") or _name(members),
        kind=kind,
        redirect_uris=_texts(members, "redirect_uris") or (),
        scopes=_scopes(members, granting, people=rule.has_people),
        auth_method=AuthMethod.NONE.value if public and method is None else method,
        jwks=members.get("jwks"),
        pkce_required=public or not rule.redirects or granting.pkce_required,
        at_tenant_issuer=granting.at_tenant_issuer,
        id_token_alg=_text(members, "id_token_signed_response_alg") or Registration.id_token_alg,
        policy_uri=_text(members, "policy_uri"),
        tos_uri=_text(members, "tos_uri"),
        options=_options(members),
        grant_types=_grant_types(members),
        self_registered=True,
        vouched_for=granting.vouched_for,
    )


def document_of(client: "Client") -> dict[str, object]:
    """Return everything that is registered of a client, by the names of RFC 7591."""
    rule = find_kind(client.kind)
    people = rule.has_people
    written: dict[str, object] = {
        "client_id": client.id,
        "client_name": client.name,
        "token_endpoint_auth_method": client.auth_method,
        "grant_types": client.grant_types,
        "response_types": [RESPONSE_TYPE] if rule.redirects else [],
        "scope": " ".join(client.scopes),
        "jwks": client.jwks,
        "policy_uri": client.policy_uri,
        "tos_uri": client.tos_uri,
    }
    if rule.redirects:
        written["redirect_uris"] = client.redirect_uris
        written["application_type"] = "native" if client.kind == "native" else "web"
    if people:
        written["id_token_signed_response_alg"] = client.id_token_alg
    options = Options.from_json(client.options)
    for field in fields(options):
        value = getattr(options, field.name)
        if (people or field.name in FOR_MACHINES) and value != ():
            written[field.name] = list(value) if isinstance(value, tuple) else value
    return {name: value for name, value in written.items() if value is not None}


def read_option(name: str, value: object) -> Any:  # noqa: ANN401  of the option's own type
    """Return a value of an option, if it is of its type. Raises UnfitRegistration."""
    allowed = get_args(_TYPES[name]) or (_TYPES[name],)
    if str in allowed and isinstance(value, str):
        return value
    if bool in allowed and isinstance(value, bool):
        return value
    if int in allowed and isinstance(value, int) and not isinstance(value, bool):
        return value
    if _TYPES[name] == tuple[str, ...] and _is_texts(value):
        return tuple(value)  # type: ignore[arg-type]  # a list, as was just asked
    raise UnfitRegistration(said("'%(name)s' is %(wanted)s.", name=name, wanted=_said(name)))


def _said(name: str) -> str:
    allowed = get_args(_TYPES[name]) or (_TYPES[name],)
    if _TYPES[name] == tuple[str, ...]:
        return "a list of strings"
    words = {bool: "true or false", int: "a whole number", str: "a string"}
    return next(word for kind, word in words.items() if kind in allowed)


def _options(members: _Members) -> Options:
    given = {name: members[name] for name in _TYPES if members.get(name) is not None}
    return Options(**{name: read_option(name, value) for name, value in given.items()})


def _kind(members: _Members) -> str:
    grants = set(_grant_types(members))
    application = _text(members, "application_type") or APPLICATION_TYPES[0]
    if application not in APPLICATION_TYPES:
        raise UnfitRegistration(
            said(
                "'application_type' is one of %(application_types)s.",
                application_types=", ".join(APPLICATION_TYPES),
            )
        )
    responses = _texts(members, "response_types")
    if CODE not in grants:
        return _kind_without_browser(grants, responses)
    if responses not in {None, (RESPONSE_TYPE,)}:
        raise UnfitRegistration("'response_types' is ['code']: no other one is offered.")
    if application == "native":
        return "native"
    public = members.get("token_endpoint_auth_method") == AuthMethod.NONE
    return "spa" if public else "web"


def _kind_without_browser(grants: set[str], responses: tuple[str, ...] | None) -> str:
    device = DEVICE_CODE in grants and grants <= set(KINDS["device"].grant_types)
    if not device and grants != set(KINDS["service"].grant_types):
        raise UnfitRegistration(
            said(
                "'grant_types' has %(code)s or %(device)s, with refresh_token or without,"
                " or %(machine)s alone.",
                code=CODE,
                device=DEVICE_CODE,
                machine=MACHINE,
            )
        )
    if responses:
        raise UnfitRegistration(
            said("A client without %(code)s has no 'response_types'.", code=CODE)
        )
    return "device" if device else "service"


def _grant_types(members: _Members) -> tuple[str, ...]:
    return _texts(members, "grant_types") or (CODE,)


def _scopes(members: _Members, granting: Granting, *, people: bool) -> tuple[str, ...]:
    """Return what was asked for, or everything that is granted to such a client."""
    asked = _text(members, "scope")
    if asked is None:
        return granting.scopes if people else _of_machines(granting.scopes)
    wanted = tuple(asked[:_LONGEST_SCOPE].split(" ")) if asked else ()
    if refused := [scope for scope in wanted if scope not in granting.scopes]:
        raise UnfitRegistration(
            said("The scope %(refused)r is not granted to clients here.", refused=refused[0])
        )
    return wanted


def _of_machines(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope for scope in scopes if scope not in PEOPLE_SCOPES)


def _name(members: _Members) -> str:
    """Call a client that says no name what it is found at."""
    for url in (members.get("client_uri"), *(_texts(members, "redirect_uris") or ())):
        try:
            host = parse_uri(url).host if isinstance(url, str) else ""
        except InvalidUri:
            continue
        if host:
            return host[:MAX_NAME]
    return "Unnamed application"


def _text(members: _Members, name: str) -> str | None:
    value = members.get(name)
    if value is not None and not isinstance(value, str):
        raise UnfitRegistration(said("'%(name)s' is a string.", name=name))
    return value


def _texts(members: _Members, name: str) -> tuple[str, ...] | None:
    value = members.get(name)
    if value is None:
        return None
    if not _is_texts(value):
        raise UnfitRegistration(said("'%(name)s' is a list of strings.", name=name))
    return tuple(value)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
