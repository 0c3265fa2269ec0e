"""A browser's half of a sign-in, without a browser: cookies, forms, redirects not followed."""

import hashlib
import html
import re
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

from werkzeug.test import TestResponse

from tests.support.world import ClientFixture, UserFixture, World

ISSUER = "https://auth.example"
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
SCOPE = "openid profile email orders:read"
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def authorization(client: ClientFixture, **parameters: Any) -> dict[str, Any]:
    """Return an authorization request; None takes a default parameter out."""
    defaults = {
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "response_type": "code",
        "scope": SCOPE,
        "state": "the state",
        "nonce": "the nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    wanted = {**defaults, **parameters}
    return {name: value for name, value in wanted.items() if value is not None}


class Browser:
    """One person's browser at one issuer (`prefix` is the issuer's path)."""

    def __init__(self, world: World, prefix: str = "") -> None:
        self.world = world
        self.prefix = prefix
        self.http = world.app.test_client()

    def authorize(self, client: ClientFixture, **parameters: Any) -> TestResponse:
        """Send the authorization request; None takes a default parameter out."""
        query = authorization(client, **parameters)
        return self.get(f"{self.prefix}/oauth/authorize", query_string=query)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.http.get(path, base_url=ISSUER, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.http.post(path, base_url=ISSUER, **more)

    def follow(self, answer: TestResponse) -> TestResponse:
        """Go where the answer sends, within the server."""
        return self.get(answer.headers["Location"])

    def submit(self, page: TestResponse, **fields: str) -> TestResponse:
        """Send the page's form with what the person typed."""
        return self.post(page.request.path, data={**hidden(page), **fields})

    def sign_in(self, page: TestResponse, user: UserFixture, **more: str) -> TestResponse:
        """Fill in the password page; `page` may be the redirect to it."""
        page = self.follow(page) if page.status_code == 303 else page
        return self.submit(page, **{"email": user.email, "password": user.password, **more})

    def code(self, client: ClientFixture, user: UserFixture, **parameters: Any) -> str:
        """Go all the way, allowing what is asked, and return the code."""
        return answered(self.complete(client, user, **parameters))["code"]

    def complete(self, client: ClientFixture, user: UserFixture, **parameters: Any) -> TestResponse:
        """Go all the way and return the answer that leaves for the client."""
        answer = self.authorize(client, **parameters)
        for _ in range(6):
            location = answer.headers.get("Location", "")
            if answer.status_code == 200 or not location.startswith(("/", ISSUER)):
                return answer
            if "/login/password" in location:
                answer = self.sign_in(answer, user)
            elif "/login/consent" in location:
                answer = self.submit(self.follow(answer), decision="allow")
            else:
                answer = self.follow(answer)
        raise AssertionError("the sign-in goes in circles")


class Party:
    """A client's half: the token endpoint and what comes after."""

    def __init__(self, world: World, client: ClientFixture, prefix: str = "") -> None:
        self.client = client
        self.prefix = prefix
        self.http = world.app.test_client()

    def token(self, **form: Any) -> TestResponse:
        return self.send("token", form)

    def redeem(self, code: str, **more: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": VERIFIER,
            **more,
        }
        return self.send("token", form)

    def refresh(self, token: str, **more: Any) -> TestResponse:
        return self.send("token", {"grant_type": "refresh_token", "refresh_token": token, **more})

    def machine(self, **more: Any) -> TestResponse:
        return self.send("token", {"grant_type": "client_credentials", **more})

    def introspect(self, token: str, **more: Any) -> TestResponse:
        return self.send("introspect", {"token": token, **more})

    def revoke(self, token: str, **more: Any) -> TestResponse:
        return self.send("revoke", {"token": token, **more})

    def userinfo(self, token: str, method: str = "GET") -> TestResponse:
        return self.http.open(
            f"{self.prefix}/oauth/userinfo",
            method=method,
            base_url=ISSUER,
            headers={"Authorization": f"Bearer {token}"},
        )

    def send(self, endpoint: str, form: dict[str, Any]) -> TestResponse:
        """Post a form, authenticated the way the client registered; None takes a field out."""
        data = {name: value for name, value in form.items() if value is not None}
        secret = self.client.secret
        if secret is None:
            data.setdefault("client_id", self.client.id)
        return self.http.post(
            f"{self.prefix}/oauth/{endpoint}",
            base_url=ISSUER,
            data=data,
            auth=(self.client.id, secret) if secret else None,
        )


def hidden(page: TestResponse) -> dict[str, str]:
    """Return the hidden fields of a page's form."""
    return {name: html.unescape(value) for name, value in _INPUT.findall(page.text)}


def answered(answer: TestResponse) -> dict[str, str]:
    """Return the parameters that leave for the client, by redirect or form_post."""
    if "Location" in answer.headers:
        return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    return hidden(answer)
