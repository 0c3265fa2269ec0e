"""Settings as variables of the environment: their names, and what they say."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from authserver.settings.issuer import SettingsError


def read(environ: Mapping[str, str], settings: type[Any]) -> dict[str, Any]:
    """Return the values that AUTHSERVER_* variables give the fields of a dataclass.

    Raises SettingsError, also for a name that does not exist.
    """
    known = {variable(item.name): item for item in fields(settings)}
    values: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith("AUTHSERVER_"):
            continue
        if name not in known:
            raise SettingsError(f"{name} is not a setting; docs/settings.md lists them")
        item = known[name]
        try:
            values[item.name] = item.metadata["parse"](text)
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from error
    return values


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"AUTHSERVER_{name.upper()}"
