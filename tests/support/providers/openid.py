"""An OpenID provider as the specification draws it; Google and Entra differ in what they say."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.clock import ManualClock
from tests.support.providers.people import Grant, Person
from tests.support.providers.server import Asked, Endpoint, Provider, Reply, reply

EXPIRES_IN = 3599
REFRESH_SCOPE = "offline_access"


class Signing(StrEnum):
    """How ID tokens are signed."""

    RIGHT = "right"
    NONE = "none"  # alg none, without a signature
    HS256_PUBLIC = "hs256-public"  # HMAC, the secret is the public key as everybody can read it
    HS256_SECRET = "hs256-secret"  # HMAC with the client secret
    STRANGER = "stranger"  # a key that is not published, under the published name
    UNKNOWN = "unknown"  # a key that is not published, under a name of its own
    BROKEN = "broken"  # the payload was changed afterwards


class OpenId(Provider):
    """Any OpenID provider. `algorithm` signs: RS256, PS256, ES256 or EdDSA.

    `auth_methods` are those of the token endpoint; without a client secret, and with "none", it
    serves a public client. `says_iss`: it sends `iss` back with the browser (RFC 9207).
    """

    says_iss = True
    paths: ClassVar[dict[str, str]] = {
        "discovery": "/.well-known/openid-configuration",
        "jwks": "/jwks",
        "authorize": "/authorize",
        "token": "/token",
        "userinfo": "/userinfo",
    }
    auth_methods: Iterable[str] = ("client_secret_basic", "client_secret_post")

    def __init__(self, clock: ManualClock | None = None, algorithm: str = "RS256") -> None:
        super().__init__(clock)
        self.algorithm = algorithm
        self.signing = Signing.RIGHT
        self.claims: dict[str, Any] = {}
        self.headers: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self._generation = 1
        self._key = _private_key(algorithm)

    @property
    def issuer(self) -> str:
        return self.url

    @property
    def kid(self) -> str:
        return f"key-{self._generation}"

    def rotate_keys(self) -> None:
        """Sign with a new key; the old one is published no more."""
        self._generation += 1
        self._key = _private_key(self.algorithm, self._generation)

    def authorize_urls(self) -> list[str]:
        return [self.url + self.paths["authorize"]]

    def endpoint(self, method: str, path: str) -> tuple[str, Endpoint] | None:
        name = next((name for name, known in self.paths.items() if known == path), None)
        if name is None or (name == "token") != (method == "POST"):
            return None
        return name, getattr(self, f"_{name}")

    def said_at_callback(self, _request: dict[str, str]) -> dict[str, str | None]:
        return {"iss": self.issuer} if self.says_iss else {}

    def document(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.url + self.paths["authorize"],
            "token_endpoint": self.url + self.paths["token"],
            "userinfo_endpoint": self.url + self.paths["userinfo"],
            "jwks_uri": self.url + self.paths["jwks"],
            "response_types_supported": ["code", "id_token", "code id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            "scopes_supported": ["openid", "email", "profile", REFRESH_SCOPE],
            "token_endpoint_auth_methods_supported": list(self.auth_methods),
            "code_challenge_methods_supported": ["S256"],
            **({"authorization_response_iss_parameter_supported": True} if self.says_iss else {}),
        }

    def key(self) -> dict[str, Any]:
        """Return the public key, as the key set has it."""
        public = _jwk(self._key, self.algorithm)
        return {**public, "kid": self.kid, "use": "sig", "alg": self.algorithm}

    def about(self, person: Person, scopes: list[str]) -> dict[str, Any]:
        """Return what is said of a person."""
        said: dict[str, Any] = {"name": person.name} if "profile" in scopes else {}
        if "email" in scopes and person.email:
            said |= {"email": person.email, "email_verified": person.email_verified}
        return said

    def subject_of(self, person: Person) -> str:
        return person.subject

    def id_token(self, grant: Grant, access_token: str) -> str:
        """Return the ID token of a grant."""
        said: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "sub": self.subject_of(grant.person),
            "iat": self.now,
            "exp": self.now + 3600,
            "nonce": grant.request.get("nonce"),
            "at_hash": _at_hash(access_token, self.algorithm),
            **({"auth_time": grant.auth_time} if "max_age" in grant.request else {}),
            **self.about(grant.person, grant.scopes),
            **grant.person.claims,
            **self.claims,
        }
        return self._signed({name: value for name, value in said.items() if value is not None})

    def _signed(self, claims: dict[str, Any]) -> str:
        headers = {"kid": self.kid, **self.headers}
        match self.signing:
            case Signing.NONE:
                return jwt.encode(claims, None, algorithm="none", headers=headers)
            case Signing.HS256_PUBLIC:
                return _hmac_signed(claims, self.kid, _pem(self._key))
            case Signing.HS256_SECRET:
                return _hmac_signed(claims, self.kid, self.client_secret.encode())
            case Signing.STRANGER | Signing.UNKNOWN:
                stranger = _private_key(self.algorithm, -1)
                name = {"kid": "nobody's"} if self.signing is Signing.UNKNOWN else headers
                return jwt.encode(claims, stranger, algorithm=self.algorithm, headers=name)
            case Signing.BROKEN:
                right = jwt.encode(claims, self._key, algorithm=self.algorithm, headers=headers)
                head, _, signature = right.split(".")
                return (
                    f"{head}.{_b64(json.dumps({**claims, 'sub': 'victim'}).encode())}.{signature}"
                )
        return jwt.encode(claims, self._key, algorithm=self.algorithm, headers=headers)

    def _discovery(self, _asked: Asked) -> Reply:
        said = {**self.document(), **self.metadata}
        return reply({name: value for name, value in said.items() if value is not None})

    def _jwks(self, _asked: Asked) -> Reply:
        return reply({"keys": [self.key()]})

    def _authorize(self, asked: Asked) -> Reply:
        return Reply(302, headers={"location": self.authorized(asked.given)})

    def _token(self, asked: Asked) -> Reply:
        form = asked.given
        if not self.is_client(asked):
            return reply({"error": "invalid_client"}, 401)
        if form.get("grant_type") == "refresh_token":
            grant = self.vault.take(form.get("refresh_token", ""))
        else:
            grant = self.redeemed(form)
        if grant is None:
            return reply({"error": "invalid_grant", "error_description": "Bad Request"}, 400)
        return reply(self.tokens(grant, again=form.get("grant_type") == "refresh_token"))

    def tokens(self, grant: Grant, *, again: bool) -> dict[str, Any]:
        """Return the token endpoint's answer."""
        access_token = self.vault.keep(grant, "at-")
        said: dict[str, Any] = {
            "access_token": access_token,
            "expires_in": EXPIRES_IN,
            "scope": grant.request["scope"],
            "token_type": "Bearer",
        }
        if self.gives_refresh(grant):
            said["refresh_token"] = self.vault.keep(grant, "rt-")
        return said if again else {**said, "id_token": self.id_token(grant, access_token)}

    def gives_refresh(self, grant: Grant) -> bool:
        return REFRESH_SCOPE in grant.scopes

    def _userinfo(self, asked: Asked) -> Reply:
        grant = self.bearer(asked)
        if grant is None:
            return reply({"error": "invalid_token"}, 401)
        said = {"sub": self.subject_of(grant.person), **self.about(grant.person, grant.scopes)}
        return reply(said | grant.person.claims | self.userinfo)


def openid(clock: ManualClock | None = None, algorithm: str = "RS256") -> OpenId:
    """Return an OpenID provider, to be used in `with`."""
    return OpenId(clock, algorithm)


_KEYS: dict[tuple[str, int], Any] = {}
_KEYS_LOCK = threading.Lock()


def _private_key(algorithm: str, number: int = 1) -> Any:
    """Return a key; the same for all providers, because RSA keys take their time."""
    with _KEYS_LOCK:
        if (algorithm, number) not in _KEYS:
            _KEYS[algorithm, number] = _new_key(algorithm)
        return _KEYS[algorithm, number]


def _new_key(algorithm: str) -> Any:
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _jwk(key: Any, algorithm: str) -> dict[str, Any]:
    return dict(jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True))


def _pem(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def _at_hash(access_token: str, algorithm: str) -> str | None:
    if algorithm == "EdDSA":  # which hash belongs to it is read in two ways
        return None
    return _b64(sha256(access_token.encode()).digest()[:16])


def _hmac_signed(claims: dict[str, Any], kid: str, secret: bytes) -> str:
    """Sign by hand: PyJWT knows this attack and refuses to take part."""
    header = json.dumps({"alg": "HS256", "kid": kid, "typ": "JWT"}).encode()
    data = f"{_b64(header)}.{_b64(json.dumps(claims).encode())}"
    return f"{data}.{_b64(hmac.digest(secret, data.encode(), 'sha256'))}"


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
