"""Fetching an issuer's documents: https, no redirects, no surprises in size, time or type."""

import ipaddress
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import requests

from authserver.sdk.compact import json_object
from authserver.sdk.errors import FetchError, shown

TIMEOUT = 3.0
MAX_BODY = 64 * 1024

_PRINTABLE = re.compile(r"[!-~]+")
_JSON = re.compile(r"application/([a-z0-9.-]+\+)?json")
_HEADERS = {
    "Accept": "application/json, application/jwk-set+json",
    # Nothing is unpacked, so nothing can be small on the wire and large in memory.
    "Accept-Encoding": "identity",
    "User-Agent": "authserver-sdk",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON object and for how many seconds its sender lets it be kept (None: not said)."""

    data: Mapping[str, object]
    max_age: int | None = None


Fetch = Callable[[str], Document]
# Posts a form with an Authorization header, and returns the JSON object that comes back.
Ask = Callable[[str, Mapping[str, str], str], Mapping[str, object]]


def check_url(url: str) -> SplitResult:
    """Return the parts of an https URL, or http on the loopback; raise ValueError otherwise."""
    # Checked before splitting: urlsplit drops tabs and newlines and clients read "\" as "/".
    if not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise ValueError(f"not a URL: {shown(url)}")
    parts = urlsplit(url)
    if "@" in parts.netloc or "#" in url or not parts.hostname:
        raise ValueError(f"not a plain URL: {shown(url)}")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return parts
    raise ValueError(f"neither https nor http on this machine: {shown(url)}")


def fetch_json(url: str, *, ca_bundle: str | None = None) -> Document:
    """Fetch a JSON object within seconds; raise FetchError for anything else.

    `ca_bundle` is the path of the certificates to trust instead of the usual ones. No environment
    variable has an influence: neither proxies nor .netrc nor certificates.
    """
    try:
        check_url(url)
        with requests.Session() as session:
            session.trust_env = False
            with session.get(
                url,
                headers=_HEADERS,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                verify=ca_bundle or True,
            ) as response:
                _check_answer(response)
                return Document(json_object(_body(response)), _max_age(response.headers))
    except (requests.RequestException, ValueError) as error:
        raise FetchError(f"{shown(url)}: {type(error).__name__} {shown(str(error))}") from error


def ask_json(
    url: str, form: Mapping[str, str], authorization: str, *, ca_bundle: str | None = None
) -> Mapping[str, object]:
    """Post a form and return the JSON object that comes back; raise FetchError for anything else.

    What is said of the environment in `fetch_json` holds here, too.
    """
    try:
        check_url(url)
        with requests.Session() as session:
            session.trust_env = False
            with session.post(
                url,
                data=dict(form),
                headers={**_HEADERS, "Authorization": authorization},
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
                verify=ca_bundle or True,
            ) as response:
                _check_answer(response)
                return json_object(_body(response))
    except (requests.RequestException, ValueError) as error:
        # Not the error's own words: they may hold the form, and so the key.
        raise FetchError(f"{shown(url)}: {type(error).__name__}") from error


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_answer(response: requests.Response) -> None:
    if response.status_code != requests.codes.ok:
        raise ValueError(f"status {response.status_code}")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _JSON.fullmatch(media_type):
        raise ValueError("not JSON by its type")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ValueError("encoded, although that was declined")


def _body(response: requests.Response) -> bytes:
    deadline = time.monotonic() + TIMEOUT
    body = bytearray()
    # Byte by byte (out of a buffer): a larger piece would be waited for until it is complete, and
    # a sender of one byte a second would hold this thread for as long as it likes.
    for piece in response.iter_content(1):
        body += piece
        if len(body) > MAX_BODY:
            raise ValueError("larger than 64 KB")
        if time.monotonic() > deadline:
            raise ValueError("too slow")
    return bytes(body)


def _max_age(headers: Mapping[str, str]) -> int | None:
    """Return what is left of Cache-Control's max-age (RFC 9111 section 4.2), the smallest named."""
    directives = [part.strip().lower() for part in headers.get("Cache-Control", "").split(",")]
    if "no-store" in directives or "no-cache" in directives:
        return 0
    ages = [part.removeprefix("max-age=") for part in directives if part.startswith("max-age=")]
    seconds = [_seconds(age) for age in ages]
    known = [value for value in seconds if value is not None]
    if not known:
        return None
    return max(0, min(known) - (_seconds(headers.get("Age", "0")) or 0))


def _seconds(text: str) -> int | None:
    text = text.strip().strip('"')
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None
