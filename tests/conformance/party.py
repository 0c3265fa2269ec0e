"""A relying party that checks everything a certification plan checks of every answer."""

import base64
import hashlib
from dataclasses import dataclass, field
from typing import Any, Self

import jwt
from werkzeug.test import TestResponse

from tests.support.browser import ISSUER, Browser, Party, answered
from tests.support.world import ClientFixture, UserFixture, World

SCOPES = ("openid", "profile", "email", "address", "phone")
STATE = "a state with +, / and ü"
_NO_PKCE = {"code_challenge": None, "code_challenge_method": None}
_LONGEST_SUB = 255


@dataclass
class SignedIn:
    """What a relying party knows after a sign-in."""

    rp: "RelyingParty"
    code: str
    tokens: dict[str, Any]
    claims: dict[str, Any]

    def userinfo(self) -> dict[str, Any]:
        answer = self.rp.party.userinfo(self.tokens["access_token"])
        assert answer.status_code == 200, answer.text
        assert answer.json["sub"] == self.claims["sub"]
        return dict(answer.json)

    def redeem_again(self) -> TestResponse:
        return self.rp.redeem(self.code)


@dataclass
class RelyingParty:
    """One client in one browser. `ask` sends a request, `sign_in` goes all the way."""

    world: World
    client: ClientFixture
    person: UserFixture
    response_mode: str = "query"
    browser: Browser = field(init=False)
    last_nonce: str | None = None

    def __post_init__(self) -> None:
        self.browser = Browser(self.world)

    @property
    def party(self) -> Party:
        return Party(self.world, self.client)

    @property
    def metadata(self) -> dict[str, Any]:
        return dict(self.browser.get("/.well-known/openid-configuration").json)

    def in_another_browser(self) -> Self:
        return type(self)(self.world, self.client, self.person, self.response_mode)

    def request(self, **parameters: Any) -> dict[str, Any]:
        """Return the parameters of a request; None takes one out."""
        self.last_nonce = parameters.get("nonce", "n-" + "0" * 40)
        return {
            "scope": "openid",
            "state": STATE,
            "nonce": self.last_nonce,
            "response_mode": None if self.response_mode == "query" else self.response_mode,
            **_NO_PKCE,
            **parameters,
        }

    def ask(self, **parameters: Any) -> TestResponse:
        """Send the request; no page is filled in."""
        return self.browser.authorize(self.client, **self.request(**parameters))

    def answer(self, **parameters: Any) -> dict[str, str]:
        """Fill in whatever is asked; return the answer that the client gets."""
        request = self.request(**parameters)
        return self.received(self.browser.complete(self.client, self.person, **request))

    def received(self, answer: TestResponse) -> dict[str, str]:
        """Check that an answer comes the way that was asked for, from this issuer."""
        if self.response_mode == "form_post":
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "no-store"
        else:
            assert answer.status_code == 303, answer.text
        said = answered(answer)
        assert said["iss"] == ISSUER
        assert said.get("state") == STATE
        return said

    def sign_in(self, **parameters: Any) -> SignedIn:
        return self.finish(self.answer(**parameters))

    def finish(self, said: dict[str, str], **more: Any) -> SignedIn:
        """Redeem the code of an answer and check the tokens."""
        answer = self.redeem(said["code"], **more)
        assert answer.status_code == 200, answer.text
        assert answer.mimetype == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        tokens = dict(answer.json)
        assert tokens["token_type"].lower() == "bearer"
        assert tokens["expires_in"] > 0
        claims = self.checked(tokens["id_token"], tokens["access_token"])
        return SignedIn(self, said["code"], tokens, claims)

    def redeem(self, code: str, **more: Any) -> TestResponse:
        return self.party.redeem(code, **{"code_verifier": None, **more})

    def checked(self, id_token: str, access_token: str) -> dict[str, Any]:
        """Validate an ID token (OpenID Connect Core sections 3.1.3.7 and 3.1.3.8)."""
        header = jwt.get_unverified_header(id_token)
        keys = jwt.PyJWKSet.from_dict(self.browser.get("/oauth/jwks").json)
        # The clock of the server is moved by tests: its times are compared below.
        claims: dict[str, Any] = jwt.decode(
            id_token,
            keys[header["kid"]],
            algorithms=[header["alg"]],
            audience=self.client.id,
            issuer=ISSUER,
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "verify_exp": False,
                     "verify_iat": False},
        )  # fmt: skip
        now = self.world.clock.now().timestamp()
        assert claims["iat"] <= now < claims["exp"]
        assert 0 < len(claims["sub"]) <= _LONGEST_SUB
        assert claims["sub"].isascii()
        assert claims.get("nonce") == self.last_nonce
        assert claims["aud"] == self.client.id
        if header["alg"].endswith("256"):
            digest = hashlib.sha256(access_token.encode()).digest()[:16]
            assert claims["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return claims


def asks(answer: TestResponse, page: str) -> bool:
    """Tell whether an answer sends to a page of the sign-in."""
    return answer.status_code == 303 and f"/login/{page}" in answer.headers["Location"]
