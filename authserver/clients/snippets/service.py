"""Makes programs out of texts and what a client has registered."""

import json
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from authserver.clients.models import Client

_TEXTS = Path(__file__).parent / "texts"
_TITLES = {"curl": "curl", "python": "Python", "node": "Node.js", "go": "Go", "java": "Java"}
_AUDIENCE = "«audience»"
_OF_METHOD = {
    "client_secret_basic": "machine_basic",
    "client_secret_post": "machine_post",
    "private_key_jwt": "machine_key",
}
_MACHINES = frozenset({"service", "partner"})
LANGUAGES = tuple(_TITLES)


@dataclass(frozen=True)
class Program:
    """A program in a language."""

    language: str
    title: str
    code: str


def programs(client: Client, issuer: str, languages: Sequence[str] = LANGUAGES) -> list[Program]:
    """Return the programs that there are for a client, at an issuer."""
    found = [_program(client, issuer, language) for language in languages]
    return [program for program in found if program is not None]


def _program(client: Client, issuer: str, language: str) -> Program | None:
    text = _text(f"{_story(client)}.{language}.txt")
    if text is None:
        return None
    if not client.audiences:  # then no resource is named
        text = "".join(line for line in text.splitlines(keepends=True) if _AUDIENCE not in line)
    quote: Callable[[str], str] = shlex.quote if language == "curl" else json.dumps
    for name, value in _values(client, issuer).items():
        text = text.replace(f"«{name}»", quote(value))
    return Program(language, _TITLES[language], text)


def _story(client: Client) -> str:
    """Return which text tells how this client gets its tokens."""
    if client.kind in _MACHINES:
        return _OF_METHOD.get(client.auth_method, "")
    return client.kind


def _values(client: Client, issuer: str) -> dict[str, str]:
    return {
        "issuer": issuer,
        "token_endpoint": f"{issuer}/oauth/token",
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "device_endpoint": f"{issuer}/oauth/device_authorization",
        "client_id": client.id,
        "redirect_uri": next(iter(client.redirect_uris), ""),
        "scope": " ".join(client.scopes),
        "audience": next(iter(client.audiences), ""),
    }


@cache
def _text(name: str) -> str | None:
    path = _TEXTS / name
    return path.read_text(encoding="utf-8") if path.exists() else None
