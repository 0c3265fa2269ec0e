"""Clients that keep servers busy and write down every answer they were given.

A password hash of cost 12 costs a quarter of a second of a core: hundreds of sign-ins a second are
code flows with a live session, as they are in life, with refreshes and machine tokens among them.
"""

import http.client
import json
import threading
import time
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tests.support.process import Registered
from tests.support.tokens import VERIFIER, authorization_url
from tests.support.walker import answered

_PAUSE = 0.02
_TIMEOUT = 30
_REFRESHES = 3


@dataclass(frozen=True)
class Acknowledged:
    """An answer that a client has in its hands. `retried` is asked for a second time."""

    kind: str
    correlation_id: str
    token: str = ""
    retried: bool = False


@dataclass
class Ledger:
    """What was acknowledged, what failed, and the latest refresh token of every family."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    latest: dict[int, str] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    def __len__(self) -> int:
        return len(self.acknowledged)

    @property
    def rate(self) -> float:
        """Acknowledged answers a second, since the beginning."""
        return len(self) / (time.monotonic() - self.started)


@dataclass(frozen=True)
class Target:
    """Whom the load speaks to, and as whom. `addresses` are tried in turn."""

    addresses: tuple[str, ...]
    portal: Registered
    service: Registered
    cookie: str


class Caller(threading.Thread):
    """One client with one connection at a time."""

    def __init__(self, number: int, target: Target, ledger: Ledger) -> None:
        super().__init__(daemon=True)
        self._at = number
        self._target = target
        self._ledger = ledger
        self._stopping = threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self._families = 0
        self.number = number

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            self._families += 1
            code = self._code()
            token = code and self._tokens("code", _redemption(self._target.portal, code))
            for _ in range(_REFRESHES if token else 0):
                if self._stopping.is_set():
                    break
                form = {"grant_type": "refresh_token", "refresh_token": token}
                token = self._tokens("refresh", form) or token
            self._tokens("machine", {"grant_type": "client_credentials"})
        self._close()

    def _code(self) -> str | None:
        """Ask for a code with a live session; nothing when the answer was lost."""
        url = urlsplit(authorization_url("", self._target.portal)).geturl()
        sent = self._send(url, headers={"Cookie": self._target.cookie})
        if sent is None:
            return None
        answer, _body = sent
        code = answered(answer.headers.get("Location", "")).get("code")
        if code is None:
            self._ledger.refused.append(f"authorize: {answer.status}")
            return None
        self._write("authorize", answer)
        return code

    def _tokens(self, kind: str, form: dict[str, str]) -> str | None:
        """Ask the token endpoint; a refresh that got no answer is asked for again elsewhere."""
        client = self._target.service if kind == "machine" else self._target.portal
        basic = b64encode(f"{client.id}:{client.secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        retried = False
        while not self._stopping.is_set():
            sent = self._send("/oauth/token", headers=headers, form=form)
            if sent is not None:
                return self._take(kind, *sent, retried=retried)
            if kind == "code":
                return None  # a code that may have been used is not presented again
            retried = True
        return None

    def _take(
        self, kind: str, answer: http.client.HTTPResponse, body: bytes, *, retried: bool
    ) -> str | None:
        if answer.status != 200:
            self._ledger.refused.append(f"{kind}: {answer.status} {body[:200]!r}")
            return None
        said: dict[str, Any] = json.loads(body)
        token = str(said.get("refresh_token") or said["access_token"])
        self._write(kind, answer, token, retried=retried)
        if kind != "machine":
            self._ledger.latest[self.number << 32 | self._families] = token
        return token

    def _write(
        self, kind: str, answer: http.client.HTTPResponse, token: str = "", *, retried: bool = False
    ) -> None:
        correlation_id = answer.headers["X-Correlation-Id"]
        self._ledger.acknowledged.append(Acknowledged(kind, correlation_id, token, retried))

    def _send(
        self, path: str, *, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes] | None:
        """Return a whole answer, or None when there was none: the next one is asked."""
        address = self._target.addresses[self._at % len(self._target.addresses)]
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                urlsplit(address).netloc, timeout=_TIMEOUT
            )
        try:
            method, body = ("POST", urlencode(form)) if form else ("GET", None)
            self._connection.request(method, path, body, headers)
            answer = self._connection.getresponse()
            return answer, answer.read()
        except (OSError, http.client.HTTPException) as error:
            self._ledger.lost.append(f"{address}: {error!r}")
            self._close()
            self._at += 1
            self._stopping.wait(_PAUSE)
            return None

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Load:
    """Several callers at once."""

    def __init__(self, target: Target, callers: int) -> None:
        self.ledger = Ledger()
        self._callers = [Caller(number, target, self.ledger) for number in range(callers)]

    def __enter__(self) -> Self:
        for caller in self._callers:
            caller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the load; every caller has had its last answer then."""
        for caller in self._callers:
            caller.stop()
        for caller in self._callers:
            caller.join()


def _redemption(client: Registered, code: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect_uri,
        "code_verifier": VERIFIER,
    }
