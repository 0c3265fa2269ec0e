"""Whose an API key is, asked from the issuer, with no web framework in sight."""

import hashlib
import re
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote
from zlib import crc32

from authserver.sdk.api_keys.answers import MOST_SECONDS, Answer, Answers
from authserver.sdk.api_keys.news import Listener
from authserver.sdk.claims import AccessToken
from authserver.sdk.errors import CannotAsk, FetchError, InvalidToken, shown
from authserver.sdk.fetch import Ask, ask_json, check_url

_SHAPE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*_[0-9A-Za-z]{49}")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = 6
_LONGEST = 70
_API_KEY = "api_key"
_TEXTS = ("sub", "jti", "tenant_id", "tenant", "tenant_type")


class ApiKeyVerifier:
    """Decides whether an API key holds, and for whom. Make one for each process and keep it."""

    def __init__(  # noqa: PLR0913 - all by keyword, and each one a decision of the operator
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str,
        redis_url: str | None = None,
        seconds: float = MOST_SECONDS,
        ask: Ask = ask_json,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Name the issuer, and this service's client there, of kind `service`.

        `seconds` is how long an answer is kept, 5 at most; with `redis_url`, the issuer's, it is
        forgotten as soon as a key is revoked. ValueError for what would not be safe.
        """
        check_url(issuer)
        if not client_id or not client_secret:
            raise ValueError("a service is asked who it is: give client_id and client_secret")
        self._issuer = issuer
        self._url = f"{issuer.rstrip('/')}/oauth/introspect"
        pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._authorization = f"Basic {b64encode(pair.encode()).decode()}"
        self._ask = ask
        self._clock = clock
        self._answers = Answers(seconds, clock)
        self._listener = Listener(redis_url, self._answers) if redis_url else None
        if self._listener is not None:
            self._listener.start()

    @property
    def listener(self) -> Listener | None:
        """Return what listens to the issuer's Redis."""
        return self._listener

    @staticmethod
    def is_key(token: str) -> bool:
        """Tell whether a bearer token means to be an API key; no access token looks like one."""
        return len(token) <= _LONGEST and _SHAPE.fullmatch(token) is not None

    def forget(self) -> None:
        """Ask anew for every key."""
        self._answers.forget()

    def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.stop()

    def verify(self, key: str, address: str | None = None) -> AccessToken:
        """Return whose a key is and what it may do; raise InvalidToken, or CannotAsk.

        `address` is from where the key was sent: one that is bound to addresses needs it. A typo
        is told without asking.
        """
        if not self.is_key(key) or _checksum(key[:-_CHECK]) != key[-_CHECK:]:
            raise _refused("not an API key, or one with a typo")
        name = (hashlib.sha256(key.encode()).digest(), address or "")
        said = self._answers.find(name)
        if said is None:
            asked, generation = self._clock(), self._answers.generation
            said = self._said(key, address)
            self._answers.keep(name, said, asked=asked, of=generation)
        return self._read(said)

    def _said(self, key: str, address: str | None) -> Answer:
        form = {"token": key, **({"client_address": address} if address else {})}
        try:
            return self._ask(self._url, form, self._authorization)
        except FetchError as error:
            raise CannotAsk(f"{self._issuer}: {error}") from error

    def _read(self, said: Answer) -> AccessToken:
        if said.get("active") is not True:
            raise _refused("inactive")
        if said.get("token_type") != _API_KEY or said.get("iss") != self._issuer:
            raise _refused(f"an answer of {shown(said.get('iss'))} about another kind of token")
        texts = {name: _text(said, name) for name in _TEXTS}
        expires_at = _time(said, "exp") if "exp" in said else 2**53
        if time.time() >= expires_at:
            raise _refused("expired since the issuer was asked")
        return AccessToken(
            subject=texts["sub"],
            # A service's key acts for its client; a person's stands for itself.
            client_id=_text(said, "client_id") if "client_id" in said else texts["jti"],
            scopes=frozenset(_text(said, "scope", empty=True).split()),
            roles=frozenset(_list(said, "roles")),
            tenant_id=texts["tenant_id"],
            tenant=texts["tenant"],
            tenant_type=texts["tenant_type"],
            session_id=None,
            auth_time=None,
            acr=None,
            amr=(),
            expires_at=expires_at,
            issued_at=_time(said, "iat"),
            token_id=texts["jti"],
            claims=MappingProxyType(dict(said)),
        )


def _checksum(body: str) -> str:
    number, letters = crc32(body.encode()), ""
    for _ in range(_CHECK):
        number, rest = divmod(number, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def _text(said: Mapping[str, object], name: str, *, empty: bool = False) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not (value or empty):
        raise _refused(f"the issuer's {name} is no text")
    return value


def _list(said: Mapping[str, object], name: str) -> list[str]:
    values = said.get(name, [])
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise _refused(f"the issuer's {name} is no list of texts")
    return values


def _time(said: Mapping[str, object], name: str) -> int:
    value = said.get(name)
    if type(value) is not int:
        raise _refused(f"the issuer's {name} is no time")
    return value


def _refused(detail: str) -> InvalidToken:
    return InvalidToken("The API key is not valid.", detail)
