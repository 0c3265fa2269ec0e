"""`--option NAME=VALUE`: what a client has beyond what every client has, by its registered name."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import click

from authserver.cli.command import Report, operator
from authserver.clients.metadata.document import read_option
from authserver.clients.options import DEFAULTS, Options
from authserver.clients.registration import Registration
from authserver.core.problems import NotFound
from authserver.wiring.services import Services

NONE = "none"
_NAMES = tuple(one.name for one in fields(Options))
_WORDS = {"true": True, "false": False}


def with_options(body: Callable[..., Report]) -> Callable[..., Report]:
    """Give a command the option."""
    return click.option(
        "--option",
        "options",
        multiple=True,
        metavar="NAME=VALUE",
        help="Client metadata by its registered name, such as jwks_uri or logo_uri: may be given"
        " again, also to make a list. `none` takes one away. docs/relying-parties.md has them.",
    )(body)


def read(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the options that were given, None for what is to be taken away.

    Raises UnfitRegistration for a value that is not of its type.
    """
    given: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in _NAMES:
            raise click.BadParameter(
                f"{pair!r}: there is no such NAME=VALUE.", param_hint="--option"
            )
        given.setdefault(name, []).append(value)
    return {name: _value(name, values) for name, values in given.items()}


def _value(name: str, values: list[str]) -> Any:  # noqa: ANN401  of the option's own type
    if values == [NONE]:
        return None
    if isinstance(getattr(DEFAULTS, name), tuple):
        return read_option(name, values)
    if len(values) > 1:
        raise click.BadParameter(f"{name} has one value.", param_hint="--option")
    text = values[0]
    if isinstance(getattr(DEFAULTS, name), bool):
        return read_option(name, _WORDS.get(text, text))
    whole = name == "default_max_age" and text.isascii() and text.isdigit()
    return read_option(name, int(text) if whole else text)


def look_up(services: Services, asked: Registration) -> None:
    """Refuse a sector that does not list the redirect URIs, before anything is stored."""
    services.self_service.lookups.check(asked)


def take_logo(services: Services, tenant_id: str, client_id: str) -> str:
    """Let the client's logo follow its `logo_uri`; return what there is to say about it."""
    try:
        has = services.logos.follow(tenant_id, client_id, actor=operator(tenant_id))
        with services.database.read() as view:
            wanted = services.clients.get(view, tenant_id, client_id).options.get("logo_uri")
    except NotFound:
        return ""
    services.watch.changed()
    if wanted is None or has:
        return ""
    return "\nNo picture could be taken from logo_uri (PNG, JPEG or WebP): people see a letter."
