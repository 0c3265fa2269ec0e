"""Real keys, real signatures, and an issuer on a real socket, for the tests of the SDK."""

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from flask import Flask, Response
from joserfc.jwk import ECKey, OKPKey, RSAKey

from authserver.sdk.flask import ResourceServer
from authserver.sdk.verifier import AccessToken, Document, TokenVerifier

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
ALGORITHMS = {"es256": "ES256", "es384": "ES384", "rs256": "RS256", "ps256": "PS256"}
ALGORITHMS |= {"eddsa": "EdDSA", "other": "ES256", "next": "ES256"}
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}
SHA = {"ES256": hashes.SHA256(), "ES384": hashes.SHA384()}


def encoded(data: bytes | Mapping[str, object]) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signature(alg: str, key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        digest = hashes.SHA256()
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return key.sign(data, pss if alg == "PS256" else padding.PKCS1v15(), digest)
    size = (key.key_size + 7) // 8
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA[alg])))
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@pytest.fixture(scope="session")
def keys() -> dict[str, PrivateKey]:
    """Make one private key for each key id; the id is the algorithm's name in lower case."""
    shared = rsa.generate_private_key(65537, 2048)
    made: dict[str, PrivateKey] = {"rs256": shared, "ps256": shared}
    made["eddsa"] = ed25519.Ed25519PrivateKey.generate()
    for kid, alg in ALGORITHMS.items():
        if alg in CURVES:
            made[kid] = ec.generate_private_key(CURVES[alg])
    return made


@pytest.fixture(scope="session")
def jwk(keys: dict[str, PrivateKey]) -> Callable[..., dict[str, object]]:
    """Return the public JWK of a key id, with members replaced or (None) removed."""

    def published(kid: str, /, **members: object) -> dict[str, object]:
        public = keys[kid].public_key()
        if isinstance(public, rsa.RSAPublicKey):
            value = RSAKey.import_key(public).as_dict()
        elif isinstance(public, ec.EllipticCurvePublicKey):
            value = ECKey.import_key(public).as_dict()
        else:
            value = OKPKey.import_key(public).as_dict()
        value = {**value, "kid": kid, "alg": ALGORITHMS[kid], "use": "sig"} | members
        return {name: member for name, member in value.items() if member is not None}

    return published


@pytest.fixture(scope="session")
def sign(keys: dict[str, PrivateKey]) -> Callable[..., str]:
    """Sign any header and payload, however wrong they are, with a key and its algorithm."""

    def signed(
        header: bytes | Mapping[str, object],
        payload: bytes | Mapping[str, object],
        kid: str = "es256",
    ) -> str:
        data = f"{encoded(header)}.{encoded(payload)}"
        made = signature(ALGORITHMS[kid], keys[kid], data.encode())
        return f"{data}.{encoded(made)}"

    return signed


@pytest.fixture(scope="session")
def claims() -> dict[str, object]:
    """Return what a good token of a person says at the time of the `now` fixture."""
    return {
        "iss": "https://id.example.com",
        "sub": "usr_ann",
        "aud": "https://api.example.com",
        "client_id": "cli_web",
        "scope": "openid invoices:read",
        "jti": "tok_1",
        "iat": 1_800_000_000,
        "exp": 1_800_000_900,
        "auth_time": 1_799_999_000,
        "acr": "urn:example:mfa",
        "amr": ["pwd", "otp"],
        "tenant_id": "ten_acme",
        "tenant": "acme",
        "tenant_type": "Customer",
        "roles": ["SALES_REP", "acme/clerk"],
        "sid": "ses_1",
    }


@pytest.fixture(scope="session")
def mint(sign: Callable[..., str], claims: dict[str, object]) -> Callable[..., str]:
    """Return a good token, but for the claims and header parameters that are given.

    A value of `...` removes the claim or header parameter.
    """

    def minted(
        kid: str = "es256", /, header: Mapping[str, object] | None = None, **c: object
    ) -> str:
        head = {"typ": "at+jwt", "alg": ALGORITHMS[kid], "kid": kid} | dict(header or {})
        body = claims | c
        return sign(
            {name: value for name, value in head.items() if value is not ...},
            {name: value for name, value in body.items() if value is not ...},
            kid,
        )

    return minted


@pytest.fixture
def mint_service(mint: Callable[..., str]) -> Callable[..., str]:
    """Return a good token of a client that acts for itself."""

    def minted(**changed: object) -> str:
        gone = dict.fromkeys(("sid", "auth_time", "acr", "amr", "roles"), ...)
        return mint(**(gone | {"sub": "cli_job", "client_id": "cli_job"} | changed))

    return minted


@pytest.fixture
def now() -> list[float]:
    """Return the clock: change the one element to move it."""
    return [1_800_000_000.0]


@pytest.fixture
def documents(jwk: Callable[..., dict[str, object]]) -> dict[str, dict[str, object]]:
    """Return what the issuers publish, by URL."""
    issuer, other = "https://id.example.com", "https://id.example.com/t/acme"
    found: dict[str, dict[str, object]] = {}
    for name, kids in (
        (issuer, ("es256", "es384", "rs256", "ps256", "eddsa")),
        (other, ("other",)),
    ):
        uri = f"{name}/oauth/jwks"
        found[f"{name}/.well-known/openid-configuration"] = {"issuer": name, "jwks_uri": uri}
        found[uri] = {"keys": [jwk(kid) for kid in kids]}
    return found


@pytest.fixture
def build(
    now: list[float], documents: dict[str, dict[str, object]]
) -> Callable[..., TokenVerifier]:
    """Make a verifier that reads `documents` without a network, with options replaced."""

    def built(**options: object) -> TokenVerifier:
        chosen: dict[str, object] = {
            "issuer": "https://id.example.com",
            "audience": "https://api.example.com",
            "fetch": lambda url: Document(documents[url]),
            "clock": lambda: now[0],
        }
        return TokenVerifier(**(chosen | options))

    return built


@pytest.fixture
def verifier(build: Callable[..., TokenVerifier]) -> TokenVerifier:
    return build()


@pytest.fixture
def site() -> Iterator[SimpleNamespace]:
    """Run an HTTP server: `pages` (path -> status, header fields, body), `hits`, `gate`, `url`.

    A closed gate holds every answer back; `arrived` tells each path as it is asked for.
    """
    pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
    hits: Counter[str] = Counter()
    arrived: SimpleQueue[str] = SimpleQueue()
    gate = threading.Event()
    gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits[self.path] += 1
            arrived.put(self.path)
            gate.wait(10)
            status, headers, body = pages.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in ({"Content-Type": "application/json"} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            return  # a client that hangs up early is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield SimpleNamespace(pages=pages, hits=hits, arrived=arrived, gate=gate, url=url)
    server.shutdown()
    server.server_close()
    thread.join()


def page(document: object, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return (
        200,
        {name.replace("_", "-"): v for name, v in headers.items()},
        json.dumps(document).encode(),
    )


@pytest.fixture
def publish(site: SimpleNamespace, jwk: Callable[..., dict[str, object]]) -> Callable[..., None]:
    """Publish these keys; before the first call nothing is published but the metadata."""
    uri = f"{site.url}/oauth/jwks"
    site.pages["/.well-known/openid-configuration"] = page({"issuer": site.url, "jwks_uri": uri})

    def published(*kids: str, **headers: str) -> None:
        site.pages["/oauth/jwks"] = page({"keys": [jwk(kid) for kid in kids]}, **headers)

    return published


@pytest.fixture
def verify(
    site: SimpleNamespace, mint: Callable[..., str], now: list[float]
) -> Callable[..., AccessToken]:
    """Verify a token signed now with this key, through real HTTP."""
    verifier = TokenVerifier(
        issuer=site.url, audience="https://api.example.com", clock=lambda: now[0]
    )

    def verified(kid: str = "es256", **changed: object) -> AccessToken:
        start = int(now[0])
        times = {"iat": start, "exp": start + 900, "iss": site.url}
        return verifier.verify(mint(kid, **(times | changed)))

    return verified


@pytest.fixture
def guarded(
    verifier: TokenVerifier, mint: Callable[..., str]
) -> Callable[..., Callable[..., Response]]:
    """Guard an application and return how to call it with a good token (`bare`: without one)."""

    def made(app: Flask) -> Callable[..., Response]:
        ResourceServer(verifier).init_app(app)
        client = app.test_client()

        def asked(path: str, method: str = "GET", **claims: object) -> Response:
            bare = claims.pop("bare", False)
            headers = {} if bare else {"Authorization": f"Bearer {mint(**claims)}"}
            return client.open(path, method=method, headers=headers)

        return asked

    return made


@pytest.fixture
def app() -> Flask:
    return Flask(__name__, static_folder=None)
