"""A person's browser, as far as a sign-in needs one: follows redirects and fills forms."""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

MOST_STEPS = 12
TIMEOUT = 30


class BrowserError(Exception):
    """The sign-in did not arrive at the redirect URI; the message says where it stopped."""


@dataclass(frozen=True)
class Pkce:
    """A verifier and its S256 challenge (RFC 7636)."""

    verifier: str
    challenge: str

    @classmethod
    def new(cls) -> "Pkce":
        """Make a pair from 256 random bits."""
        verifier = secrets.token_urlsafe(32)
        digest = hashlib.sha256(verifier.encode()).digest()
        return cls(verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


class Form(HTMLParser):
    """The first form of a page: its action, its hidden values, the names of its other fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action: str | None = None
        self.hidden: dict[str, str] = {}
        self.names: set[str] = set()
        self._inside = False
        self._seen = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the form and its fields."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and not self._seen:
            self._inside = self._seen = True
            self.action = given.get("action", "")
        elif self._inside and tag in {"input", "button"} and "name" in given:
            self.names.add(given["name"])
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """Note the form's end."""
        if tag == "form":
            self._inside = False


class Browser:
    """Cookies and the walk from an authorization request to the redirect URI."""

    def __init__(self, redirect_uri: str, answers: Mapping[str, str]) -> None:
        self.http = requests.Session()
        self._redirect_uri = redirect_uri
        self._answers = answers

    def authorize(self, url: str) -> str:
        """Return the code that answers the authorization request `url`."""
        answer = self._get(url)
        for _ in range(MOST_STEPS):
            location = answer.headers.get("Location")
            if location is None:
                answer = self._fill(answer)
                continue
            target = urljoin(answer.url, location)
            if target.startswith(self._redirect_uri):
                return self._code(target)
            answer = self._get(target)
        raise BrowserError(f"no end of redirects and forms, last at {answer.url}")

    def cookie_header(self, url: str) -> str:
        """Return the Cookie header that goes with a request for `url`."""
        prepared = self.http.prepare_request(requests.Request("GET", url))
        return prepared.headers.get("Cookie", "")

    def _get(self, url: str) -> requests.Response:
        return self._keep(self.http.get(url, allow_redirects=False, timeout=TIMEOUT))

    def _keep(self, answer: requests.Response) -> requests.Response:
        """Send Secure cookies over http too, as browsers do to localhost."""
        for cookie in self.http.cookies:
            cookie.secure = False
        return answer

    def _code(self, target: str) -> str:
        query = parse_qs(urlsplit(target).query)
        if "code" not in query:
            raise BrowserError(f"no code in the redirect: {target}")
        return query["code"][0]

    def _fill(self, page: requests.Response) -> requests.Response:
        form = Form(page.text)
        if page.status_code != 200 or form.action is None:
            raise BrowserError(f"{page.url} answered {page.status_code}: {page.text[:500]}")
        fields = form.hidden | {k: v for k, v in self._answers.items() if k in form.names}
        url = urljoin(page.url, form.action or page.url)
        parts = urlsplit(page.url)
        origin = {"Origin": f"{parts.scheme}://{parts.netloc}"}
        answer = self._post(url, fields, origin)
        while answer.status_code == 429:
            time.sleep(float(answer.headers.get("Retry-After", "1")))
            answer = self._post(url, fields, origin)
        if answer.headers.get("Location") is None and answer.url == page.url:
            raise BrowserError(f"{url} refused the form: {answer.status_code} {answer.text[:500]}")
        return answer

    def _post(self, url: str, fields: dict[str, str], headers: dict[str, str]) -> requests.Response:
        answer = self.http.post(
            url, data=fields, headers=headers, allow_redirects=False, timeout=TIMEOUT
        )
        return self._keep(answer)
