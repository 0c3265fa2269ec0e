"""The shortest clients that there are: tokens from a server process, in plain HTTP."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode

import requests

from tests.support.process import PEOPLE_SCOPES, Person, Registered
from tests.support.walker import TIMEOUT, Walker, answered

VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorization_url(issuer: str, client: Registered, **more: str) -> str:
    """Return the URL that a relying party sends a browser to."""
    query = {
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "response_type": "code",
        "scope": " ".join(PEOPLE_SCOPES),
        "state": "the state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **more,
    }
    return f"{issuer}/oauth/authorize?{urlencode(query)}"


def code_flow(issuer: str, client: Registered, person: Person, **more: str) -> dict[str, Any]:
    """Sign somebody in and return the tokens."""
    walker = Walker(person)
    url = walker.walk(authorization_url(issuer, client, **more), until=client.redirect_uri)
    answer = redeem(issuer, client, answered(url)["code"])
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def redeem(base: str, client: Registered, code: str) -> requests.Response:
    """Exchange a code for tokens."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": VERIFIER,
    }
    return post(base, client, form)


def refresh(base: str, client: Registered, token: str) -> requests.Response:
    """Exchange a refresh token for new tokens."""
    return post(base, client, {"grant_type": "refresh_token", "refresh_token": token})


def machine_token(base: str, client: Registered, **more: str) -> str:
    """Return an access token that a client gets for itself."""
    answer = post(base, client, {"grant_type": "client_credentials", **more})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def post(
    base: str, client: Registered, form: dict[str, str], *, endpoint: str = "token"
) -> requests.Response:
    """Send a form as the client, authenticated as its kind does."""
    auth = (client.id, client.secret) if client.secret else None
    data = form if auth else {**form, "client_id": client.id}
    return requests.post(f"{base}/oauth/{endpoint}", data=data, auth=auth, timeout=TIMEOUT)
