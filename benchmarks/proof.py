"""Checks, before anything is measured, that a server does the work the table says it does."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from browser import TIMEOUT, Pkce
from target import Target, TargetError


def _header(token: str) -> dict[str, Any]:
    """Return the JOSE header of a compact JWT."""
    part = token.partition(".")[0]
    if token.count(".") != 2:
        raise TargetError(f"not a JWT: {token[:40]}")
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise TargetError(f"{what} is {found!r}, not {wanted!r}")


def prove(target: Target) -> None:
    """Check signatures, rotation and PKCE once; raise TargetError where the work is another."""
    service = target.token(target.service, **target.client_credentials_form())
    header = _header(service["access_token"])
    _expect("the algorithm of service tokens", header["alg"], "ES256")
    _expect("the type of service tokens", header["typ"], "at+jwt")
    browser = target.browsers(1)[0]
    person = target.code_flow(browser, target.code_flow_scope)
    header = _header(person["access_token"])
    _expect("the algorithm of access tokens", header["alg"], "ES256")
    _expect("the algorithm of ID tokens", _header(person["id_token"])["alg"], "RS256")
    _expect("a refresh token in the code flow", "refresh_token" in person, True)
    _prove_rotation(target)
    _prove_pkce(target)


def _prove_rotation(target: Target) -> None:
    first = target.code_flow(target.browsers(1)[0], target.refresh_scope)
    token = first["refresh_token"]
    second = target.token(target.web, grant_type="refresh_token", refresh_token=token)
    _expect("a new refresh token", second["refresh_token"] != token, True)
    _expect("an ID token at refresh", "id_token" in second, False)
    header = _header(second["access_token"])
    _expect("the algorithm of refreshed tokens", header["alg"], "ES256")


def _prove_pkce(target: Target) -> None:
    url = target.authorize_url(target.code_flow_scope, Pkce.new())
    without = url.replace("code_challenge", "ignored")
    http = target.browsers(1)[0].http
    answer = http.get(without, allow_redirects=False, timeout=TIMEOUT)
    if answer.status_code not in {requests.codes.found, requests.codes.see_other}:
        raise TargetError(f"{target.name}: without PKCE it answers {answer.status_code}")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    _expect("the error without PKCE", query.get("error"), ["invalid_request"])
