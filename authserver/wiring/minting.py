"""What makes tokens, and what it tells clients of people: part of app.py's wiring."""

from dataclasses import fields
from datetime import timedelta
from typing import NamedTuple

from authserver.clients.keys import ClientKeys
from authserver.clients.policy import KINDS
from authserver.settings import Settings
from authserver.tenants.numbers import TokenLives
from authserver.tenants.service import password_pepper
from authserver.tokens.issuer import Lifetimes, Mint
from authserver.tokens.people.subjects import SubjectIdentifiers
from authserver.tokens.responses import Wrapping
from authserver.wiring.caches import Caches
from authserver.wiring.signing_in import Ground


class Minting(NamedTuple):
    """What people are called, the form of what is said of them, and the mint."""

    subjects: SubjectIdentifiers
    wrapping: Wrapping
    mint: Mint


def make_minting(ground: Ground, caches: Caches, client_keys: ClientKeys) -> Minting:
    """Return what makes tokens."""

    def secret() -> bytes:
        with ground.database.read() as view:
            return password_pepper(view, ground.keyring)

    subjects, wrapping = SubjectIdentifiers(secret), Wrapping(client_keys.of)
    lives = lifetimes(ground.settings)
    return Minting(
        subjects, wrapping, Mint(caches.keys, lives, subjects=subjects, wrapping=wrapping)
    )


def lifetimes(settings: Settings) -> Lifetimes:
    """Return how long tokens live, by the settings that the kinds of clients name."""
    names = {field.name for field in fields(settings)}
    lives = {kind.token_life for kind in KINDS.values()} & names
    return Lifetimes({name: getattr(settings, name) for name in lives}, settings.id_token_life)


def token_lives(settings: Settings) -> TokenLives:
    """Return how long tokens live where a tenant has not shortened it."""
    lives = lifetimes(settings).access_token.values()
    return TokenLives(max(lives), settings.refresh_absolute)


def longest(settings: Settings) -> timedelta:
    """Return the longest life of a token."""
    lives = (settings.id_token_life, *lifetimes(settings).access_token.values())
    return max(lives, default=timedelta(0))
