"""An authenticator in software: makes passkeys and signs with them, rightly or as it is told."""

import hashlib
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import encode_cbor
from werkzeug.test import TestResponse

from tests.support.authenticator import halfway, where
from tests.support.browser import Browser, hidden
from tests.support.world import ClientFixture, UserFixture, World

RP_ID, ORIGIN = "auth.example", "https://auth.example"
PRESENT, VERIFIED, ELIGIBLE, COPIED, ATTESTED = 1, 4, 8, 16, 64
ES256, EDDSA, RS256 = -7, -8, -257
UNKNOWN_MODEL = bytes(16)

Options = dict[str, Any]


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A key pair of one algorithm, with its public half as COSE writes it."""

    algorithm: int = ES256
    pair: Any = field(init=False)

    def __post_init__(self) -> None:
        made = {
            ES256: lambda: ec.generate_private_key(ec.SECP256R1()),
            EDDSA: ed25519.Ed25519PrivateKey.generate,
            RS256: lambda: rsa.generate_private_key(65537, 2048),
        }
        self.pair = made[self.algorithm]()

    def public(self) -> bytes:
        public = self.pair.public_key()
        if self.algorithm == EDDSA:
            return encode_cbor({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        if self.algorithm == RS256:
            modulus = numbers.n.to_bytes(256, "big")
            return encode_cbor({1: 3, 3: RS256, -1: modulus, -2: b"\x01\x00\x01"})
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return encode_cbor({1: 2, 3: ES256, -1: 1, -2: x, -3: y})

    def sign(self, data: bytes) -> bytes:
        if self.algorithm == ES256:
            return bytes(self.pair.sign(data, ec.ECDSA(hashes.SHA256())))
        if self.algorithm == EDDSA:
            return bytes(self.pair.sign(data))
        return bytes(self.pair.sign(data, padding.PKCS1v15(), hashes.SHA256()))


class SoftKey:
    """One passkey. What it says of itself can be changed: that is what attacks do."""

    def __init__(
        self, algorithm: int = ES256, *, synced: bool = True, counts: bool = False
    ) -> None:
        self.key = Key(algorithm)
        self.id = os.urandom(32)
        self.handle: bytes | None = None
        self.flags = PRESENT | VERIFIED | ((ELIGIBLE | COPIED) if synced else 0)
        self.counts, self.count = counts, 0
        self.origin, self.rp_id = ORIGIN, RP_ID
        self.model = UNKNOWN_MODEL
        self.client: dict[str, Any] = {"crossOrigin": False}

    def create(self, options: Options) -> str:
        """Answer `navigator.credentials.create`."""
        self.handle = decoded(options["user"]["id"])
        length = len(self.id).to_bytes(2, "big")
        attested = self.model + length + self.id + self.key.public()
        said = {"fmt": "none", "attStmt": {}, "authData": self._said(ATTESTED) + attested}
        client = self._client("webauthn.create", options)
        response = {"attestationObject": encoded(encode_cbor(said)), "transports": ["internal"]}
        return self._answer({"clientDataJSON": encoded(client), **response})

    def get(self, options: Options) -> str:
        """Answer `navigator.credentials.get`."""
        client, said = self._client("webauthn.get", options), self._said()
        signature = self.key.sign(said + hashlib.sha256(client).digest())
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(said),
            "signature": encoded(signature),
        }
        if self.handle is not None:
            response["userHandle"] = encoded(self.handle)
        return self._answer(response)

    def _said(self, more: int = 0) -> bytes:
        self.count += self.counts
        flags = bytes([self.flags | more])
        return hashlib.sha256(self.rp_id.encode()).digest() + flags + self.count.to_bytes(4, "big")

    def _client(self, kind: str, options: Options) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return orjson.dumps({**said, **self.client})

    def _answer(self, response: dict[str, Any]) -> str:
        name = encoded(self.id)
        whole = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return orjson.dumps({**whole, "clientExtensionResults": {}}).decode()


def ask(browser: Browser, page: TestResponse, path: str, **more: str) -> TestResponse:
    """Ask for options as the page's script does."""
    return browser.post(path, data={**hidden(page), "ask": "options", **more})


def options(browser: Browser, page: TestResponse, path: str, **more: str) -> Options:
    """Return the options that the page's script would get."""
    answer = ask(browser, page, path, **more)
    assert answer.status_code == 200, (answer.status_code, answer.text[:500])
    assert answer.mimetype == "application/json"
    return dict(answer.json or {})


def send(browser: Browser, page: TestResponse, path: str, made: str, **more: str) -> TestResponse:
    """Send an answer as the page's script does."""
    return browser.post(path, data={**hidden(page), "answer": made, **more})


ALONE, SECOND, SET_UP = "/login/passkey", "/login/mfa/passkey", "/login/mfa/passkey-setup"
OWN = "/account/passkeys"


class Holder:
    """A person who has a passkey and backup codes: set up by a first sign-in."""

    def __init__(
        self, world: World, client: ClientFixture, key: SoftKey | None = None, **more: Any
    ) -> None:
        self.world, self.client = world, client
        self.user: UserFixture = more.get("user") or world.user(client.tenant)
        self.key = key or SoftKey()
        self.browser = Browser(world)
        page = halfway(self.browser, client, self.user, acr_values="urn:authserver:acr:mfa")
        assert page.request.path == "/login/mfa/setup", page.request.path
        made = self.key.create(options(self.browser, page, SET_UP))
        answer = self.browser.follow(send(self.browser, page, SET_UP, made))
        assert where(answer) == "/login/mfa/codes", where(answer)
        self.codes_page = self.browser.follow(answer)
        self.last = self.browser.submit(self.codes_page, kept="yes")
        assert where(self.last) == "/oauth/authorize"

    def at_the_page(self, browser: Browser, **more: Any) -> TestResponse:
        """Return the sign-in page of a browser of its own."""
        return browser.follow(browser.authorize(self.client, **more))

    def attempt(self, browser: Browser, page: TestResponse) -> TestResponse:
        """Sign in without a password; return the answer to the form."""
        return send(browser, page, ALONE, self.key.get(options(browser, page, ALONE)))

    def sign_in(self, browser: Browser, **more: Any) -> TestResponse:
        """Sign in without a password; return what comes next."""
        return self.attempt(browser, self.at_the_page(browser, **more))

    def at_the_factor(self, browser: Browser, **more: Any) -> TestResponse:
        """Type the password, and return the page that asks for the passkey."""
        page = halfway(browser, self.client, self.user, **more)
        return browser.follow(page) if page.status_code == 303 else page


def new_page(browser: Browser) -> TestResponse:
    page = browser.get(OWN, query_string={"about": "new"})
    assert page.status_code == 200, page.headers
    return page


def added(browser: Browser, key: SoftKey) -> TestResponse:
    """Add a passkey; return the answer."""
    page = new_page(browser)
    return send(browser, page, OWN, key.create(options(browser, page, OWN)))


def add(browser: Browser, key: SoftKey) -> TestResponse:
    """Add a passkey and put away the backup codes that come with the first."""
    answer = added(browser, key)
    if where(answer) != "/account/factors/codes":
        return answer
    return browser.submit(browser.follow(answer), kept="yes")


def listed(browser: Browser) -> str:
    return browser.get("/account/security").text


def id_of(browser: Browser, number: int = 0) -> str:
    page = listed(browser)
    return page.split(f"{OWN}?about=pky_")[number + 1].partition('"')[0]


def signs_in(world: World, client: ClientFixture, key: SoftKey) -> bool:
    browser = Browser(world)
    page = browser.follow(browser.authorize(client))
    answer = send(browser, page, ALONE, key.get(options(browser, page, ALONE)))
    return answer.status_code == 303 and "__Host-as-session" in str(answer.headers)
