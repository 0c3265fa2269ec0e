"""The stage of the FAPI 2.0 attacker model: a bank, a victim, and somebody who wants in.

The bank is a relying party of the profile `fapi2` as it is meant to be built. What an attacker is
after is read from it: whose session a browser has there, and what was answered to whom.
"""

import hashlib
import os
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from authserver.clients.options import Options
from authserver.core.jose import InvalidToken, read_foreign, unverified_header
from tests.spec.assertions import ASSERTION_TYPE, KeyPair, assertion
from tests.spec.tools import API, get
from tests.support.browser import ISSUER, Browser, answered
from tests.support.holder import Holder, ath, encoded
from tests.support.world import ClientFixture, TenantFixture, UserFixture, World

EVIL = "https://evil.example"
SCOPE = "openid orders:read"
SIGNED = ["ES256", "PS256", "EdDSA"]


@dataclass
class Begun:
    """What the bank keeps of a sign-in for one browser. `issuer` is whom it was begun with."""

    state: str
    nonce: str
    verifier: str
    issuer: str = ISSUER

    @property
    def challenge(self) -> str:
        return encoded(hashlib.sha256(self.verifier.encode()).digest())


class Bank:
    """A relying party: sign-ins by browser, and sessions that came of them."""

    def __init__(self, world: World, tenant: TenantFixture) -> None:
        self.world = world
        self.key = KeyPair("ES256")
        self.holder = Holder(world)
        self.client = fapi2_client(world, tenant, self.key)
        self.begun: dict[Browser, Begun] = {}
        self.sessions: dict[Browser, str] = {}
        self.tokens: dict[str, dict[str, Any]] = {}

    def assertion(self, audience: str = ISSUER) -> dict[str, str]:
        jwt = assertion(self.world, self.key, self.client.id, aud=audience)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": jwt}

    def begin(self, browser: Browser, issuer: str = ISSUER) -> Begun:
        made = Begun(*(os.urandom(24).hex() for _ in range(3)), issuer=issuer)
        self.begun[browser] = made
        return made

    def request(self, begun: Begun) -> dict[str, str]:
        """What the bank pushes to whom it signs somebody in with."""
        return {
            "client_id": self.client.id,
            "redirect_uri": self.client.redirect_uri,
            "response_type": "code",
            "scope": SCOPE,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
            **self.assertion(begun.issuer),
        }

    def push(self, begun: Begun) -> dict[str, str]:
        """Leave the request; return what the browser carries to the authorization endpoint."""
        answer = post(self.world, "par", self.request(begun), self.holder.proof("/oauth/par"))
        assert answer.status_code == 201, answer.text
        return {"client_id": self.client.id, "request_uri": answer.json["request_uri"]}

    def start(self, browser: Browser) -> dict[str, str]:
        return self.push(self.begin(browser))

    def token_request(self, begun: Begun, code: str) -> dict[str, str]:
        return {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.client.redirect_uri,
            "code_verifier": begun.verifier,
            **self.assertion(begun.issuer),
        }

    def callback(self, browser: Browser, said: dict[str, str], *, tampered: Any = None) -> None:
        """Take an answer that a browser brings; `tampered` changes the token request on its way."""
        begun = self.begun.pop(browser, None)
        if begun is None or said.get("state") != begun.state or said.get("iss") != begun.issuer:
            return
        form = self.token_request(begun, said["code"])
        form = tampered(form) if tampered else form
        answer = post(self.world, "token", form, self.holder.proof("/oauth/token"))
        if answer.status_code == 200:
            self.accept(browser, begun, answer.json)

    def accept(self, browser: Browser, begun: Begun, tokens: dict[str, Any]) -> None:
        """Begin a session if the ID token is one for this sign-in (OIDC Core 3.1.3.7)."""
        try:
            jwks = get(self.world, "/oauth/jwks").json
            assert unverified_header(tokens["id_token"])["typ"] == "JWT"
            claims = read_foreign(tokens["id_token"], jwks, SIGNED)
        except (InvalidToken, AssertionError, KeyError):
            return
        good = (claims["iss"], claims["aud"]) == (begun.issuer, self.client.id)
        if good and claims.get("nonce") == begun.nonce:
            self.sessions[browser] = claims["sub"]
            self.tokens[claims["sub"]] = tokens


class Scene:
    """Alice is the victim; Mallory attacks, with an account and a client of their own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tenant = world.tenant()
        self.alice, self.mallory = world.user(self.tenant), world.user(self.tenant)
        self.bank = Bank(world, self.tenant)
        self.alices, self.mallorys = Browser(world), Browser(world)
        self.evil_key, self.evil_holder = KeyPair("ES256"), Holder(world)
        self.evil_client = fapi2_client(world, self.tenant, self.evil_key, redirect=f"{EVIL}/cb")

    def answer(
        self, browser: Browser, person: UserFixture, request: dict[str, str], **client: Any
    ) -> dict[str, str]:
        """Go with a pushed request to the answer, as a person in a browser."""
        asked = {**dict.fromkeys(_PARAMETERS), **request}
        return answered(browser.complete(client.get("of", self.bank.client), person, **asked))

    def sign_in(self, browser: Browser, person: UserFixture) -> dict[str, Any]:
        """Sign a person in to the bank as it should be; return the tokens that the bank holds."""
        self.bank.callback(browser, self.answer(browser, person, self.bank.start(browser)))
        assert self.bank.sessions[browser] == person.id
        return self.bank.tokens[person.id]

    def mallorys_proof(self, path: str = "/oauth/token", **more: Any) -> str:
        return self.evil_holder.proof(path, **more)

    def mallorys_assertion(self, client_id: str) -> dict[str, str]:
        jwt = assertion(self.world, self.evil_key, client_id)
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": jwt}

    def ends_well(self) -> None:
        """No session of the victim for the attacker, and none of the attacker for the victim."""
        assert self.bank.sessions.get(self.mallorys) != self.alice.id
        assert self.bank.sessions.get(self.alices) != self.mallory.id


_PARAMETERS = (
    "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
    "code_challenge_method",
)  # fmt: skip


def fapi2_client(
    world: World, tenant: TenantFixture, key: KeyPair, redirect: str = ""
) -> ClientFixture:
    return world.client(
        tenant,
        auth_method="private_key_jwt",
        jwks={"keys": [key.public]},
        scopes=["openid", "orders:read"],
        audiences=[API],
        options=Options(security_profile="fapi2"),
        **({"redirect_uris": [redirect]} if redirect else {}),
    )


def post(world: World, endpoint: str, form: dict[str, Any], proof: str = "") -> TestResponse:
    """Send a form as whoever it is."""
    headers = {"DPoP": proof} if proof else {}
    http = world.app.test_client()
    return http.post(f"/oauth/{endpoint}", base_url=ISSUER, data=form, headers=headers)


def ask(world: World, token: str, *, scheme: str = "DPoP", proof: str = "") -> TestResponse:
    """Ask the resource with a token."""
    headers = {"Authorization": f"{scheme} {token}", **({"DPoP": proof} if proof else {})}
    return get(world, "/oauth/userinfo", headers=headers)


def proof_for(holder: Holder, token: str) -> str:
    return holder.proof("/oauth/userinfo", "GET", ath=ath(token))


def authorize(world: World, request: dict[str, str], cookies: str) -> TestResponse:
    """Go to the authorization endpoint with these cookies and no others."""
    http = world.app.test_client(use_cookies=False)
    headers = {"Cookie": cookies}
    return http.get("/oauth/authorize", base_url=ISSUER, query_string=request, headers=headers)


def refused(answer: TestResponse) -> bool:
    """Tell whether an answer gave nothing away."""
    return answer.status_code in {400, 401} and "access_token" not in answer.text
