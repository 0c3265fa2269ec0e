"""What is sent: what is nearly right, what is malformed, and what nobody expects."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

_LONG = "<long>"  # stands for a long one, which would drown the report of a failure
_WORDS = (
    "code", "openid", "openid profile", "none", "login", "query", "form_post", "jwt", "S256",
    "plain", "0", "-1", "1e3", "999999999999999999999999", "true", "null", "de", "x-y",
    "authorization_code", "refresh_token", "client_credentials", "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:request_uri:x",
    "https://rp.example/callback", "http://[::1", "javascript:alert(1)", "//evil.example",
    '{"id_token": {"sub": {"value": "x"}}}', '{"userinfo": ' + "[" * 300, "[]", '"', "{}",
    "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
    "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ.W10.AAAA", "eyJhbGciOlsiRVMyNTYiXX0.e30.AAAA",
    "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkExMjhHQ00ifQ.AAAA.AAAA.AAAA.AAAA", _LONG,
    "\x00", "\r\nX-Evil: 1", "\u202e", "\ufffe", "ﬀ", "%", "' OR 1=1 --", "${7*7}", "{{7*7}}",
)  # fmt: skip
_TYPES = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "",
)

anything = st.text(st.characters(codec="utf-8"), max_size=40)
raw = st.binary(max_size=200)


def value(known: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return values: what this server made itself comes as often as everything else."""
    texts = st.sampled_from(known) | st.sampled_from(_WORDS) | anything
    return texts.map(_text) | st.binary(max_size=20)


def form(parameters: Sequence[str], known: Mapping[str, str]) -> st.SearchStrategy[str]:
    """Return forms: right values with some replaced, left out, repeated, or in another order."""
    names = st.sampled_from(parameters) | anything
    strange = st.lists(st.tuples(names, value(tuple(known.values()) or ("x",))), max_size=6)
    base = st.sets(st.sampled_from(sorted(known) or ["x"]))
    return st.builds(_encode, base, strange, st.just(known))


def document(parameters: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return JSON documents: right names with whatever, and what is no document."""
    scalars = st.none() | st.booleans() | st.integers() | st.sampled_from(_WORDS) | anything
    values = st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner)
    )
    good = {"redirect_uris": ["https://rp.example/callback"]}
    odd = st.dictionaries(st.sampled_from(parameters) | anything, values, max_size=6)
    return odd.map(lambda found: json.dumps({**good, **found}).encode()) | values.map(
        lambda found: json.dumps(found).encode()
    )


def content_type() -> st.SearchStrategy[str]:
    """Return types of bodies: nearly always that of a form."""
    return st.just(_TYPES[0]) | st.sampled_from(_TYPES)


def authorization(client_id: str, secret: str) -> st.SearchStrategy[str]:
    """Return headers, the right one among them."""
    schemes = st.sampled_from(("Basic ", "Bearer ", "DPoP ", "basic", ""))
    latin = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=40)
    return st.builds(str.__add__, schemes, latin) | st.just(_basic(client_id, secret))


def _text(text: str) -> bytes:
    return b"e" * 20_000 if text == _LONG else text.encode()


def _basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


def _encode(kept: set[str], strange: list[tuple[str, bytes]], known: Mapping[str, str]) -> str:
    pairs = [(name, known[name].encode()) for name in kept if name in known] + strange
    return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(v)}" for name, v in pairs)
