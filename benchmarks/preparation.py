"""What must precede a measured operation, through real HTTP, and the data its script then needs."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from browser import Pkce
from target import REDIRECT_URI, Credentials, Target

FORM = "application/x-www-form-urlencoded"


def prepare(target: Target, operation: str, connections: int) -> dict[str, Any]:
    """Prepare `operation` and return the data for its Lua script."""
    return BUILDERS[operation](target, connections)


def _path(url: str) -> str:
    return urlsplit(url).path


def _form_headers(client: Credentials) -> dict[str, str]:
    return {"Authorization": client.basic, "Content-Type": FORM}


def _get(url: str, needed: str) -> dict[str, Any]:
    return {"requests": [{"method": "GET", "path": _path(url), "headers": {}}], "needed": needed}


def _discovery(target: Target, _connections: int) -> dict[str, Any]:
    return _get(target.discovery_url, '"token_endpoint":')


def _jwks(target: Target, _connections: int) -> dict[str, Any]:
    return _get(target.metadata["jwks_uri"], '"keys":')


def _client_credentials(target: Target, _connections: int) -> dict[str, Any]:
    request = {
        "method": "POST",
        "path": _path(target.metadata["token_endpoint"]),
        "headers": _form_headers(target.service),
        "body": urlencode(target.client_credentials_form()),
    }
    return {"requests": [request], "needed": '"access_token":%s*"'}


def _access_tokens(target: Target, count: int) -> list[str]:
    """Return tokens of as many sessions: a resource server does not see one token only."""
    jwt = not target.opaque_for_introspection
    browsers = target.browsers(count)
    return [target.code_flow(b, target.oidc_scope, jwt=jwt)["access_token"] for b in browsers]


def _introspection(target: Target, connections: int) -> dict[str, Any]:
    request = {
        "method": "POST",
        "path": _path(target.metadata["introspection_endpoint"]),
        "headers": _form_headers(target.web),
    }
    tokens = _access_tokens(target, connections)
    requests = [request | {"body": urlencode({"token": token})} for token in tokens]
    return {"requests": requests, "needed": '"active":%s*true'}


def _userinfo(target: Target, connections: int) -> dict[str, Any]:
    path = _path(target.metadata["userinfo_endpoint"])
    requests = [
        {"method": "GET", "path": path, "headers": {"Authorization": f"Bearer {token}"}}
        for token in _access_tokens(target, connections)
    ]
    return {"requests": requests, "needed": '"sub":%s*"'}


def _refresh(target: Target, connections: int) -> dict[str, Any]:
    browsers = target.browsers(connections)
    answers = [target.code_flow(browser, target.refresh_scope) for browser in browsers]
    return {
        "path": _path(target.metadata["token_endpoint"]),
        "headers": _form_headers(target.web),
        "tokens": [answer["refresh_token"] for answer in answers],
    }


def _code_flow(target: Target, connections: int) -> dict[str, Any]:
    per_connection = []
    for browser in target.browsers(connections):
        pkce = Pkce.new()
        url = target.authorize_url(target.code_flow_scope, pkce)
        parts = urlsplit(url)
        per_connection.append(
            {
                "path": f"{parts.path}?{parts.query}",
                "headers": {"Cookie": browser.cookie_header(url)},
                "verifier": pkce.verifier,
            }
        )
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT_URI}
    return {
        "path": _path(target.metadata["token_endpoint"]),
        "headers": _form_headers(target.web),
        "body": urlencode(form),
        "connections": per_connection,
    }


BUILDERS: dict[str, Callable[[Target, int], dict[str, Any]]] = {
    "client_credentials": _client_credentials,
    "refresh": _refresh,
    "introspection": _introspection,
    "userinfo": _userinfo,
    "code_flow": _code_flow,
    "discovery": _discovery,
    "jwks": _jwks,
}
