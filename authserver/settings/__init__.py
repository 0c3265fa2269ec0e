"""Every environment variable, lifetime, limit and default. Typed, frozen, checked at start-up.

docs/settings.md is generated from them; a test compares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from authserver.settings import together
from authserver.settings.declaring import ARGON2ID, LANGUAGES, PRODUCT, SCHEMES
from authserver.settings.installation import InstallationSettings
from authserver.settings.issuer import SettingsError
from authserver.settings.protocol import ProtocolSettings
from authserver.settings.sign_in import SignInSettings

__all__ = [
    "ARGON2ID",
    "LANGUAGES",
    "PRODUCT",
    "SCHEMES",
    "Settings",
    "SettingsError",
    "from_environment",
    "variable",
]


@dataclass(frozen=True)
class Settings(ProtocolSettings, SignInSettings, InstallationSettings):
    """The configuration of one installation. Times are in seconds in the environment."""

    @property
    def is_loopback(self) -> bool:
        """Tell whether the issuer is an http address of this machine: development."""
        return urlsplit(self.issuer).scheme == "http"

    @property
    def sqlalchemy_url(self) -> str:
        """Return the database URL, SQLite in the data directory by default."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'authserver.db'}"

    @property
    def begins_api_keys(self) -> str:
        """Return what new API keys begin with."""
        return self.api_key_prefix or ("cf_dev" if self.is_loopback else "cf_prod")

    @property
    def owner_url(self) -> str:
        """Return the URL of the role that owns the tables."""
        return self.database_owner_url or self.sqlalchemy_url

    @property
    def shows_mail(self) -> bool:
        """Tell whether /dev/mail is there: it has links that sign people in, for everybody."""
        return self.dev_mail == "on" and self.is_loopback and not self.smtp_url

    def check(self) -> "Settings":
        """Return the settings, or raise SettingsError for values that do not go together."""
        together.check(self)
        return self


def from_environment(environ: Mapping[str, str], **overrides: Any) -> Settings:  # noqa: ANN401  field values
    """Read AUTHSERVER_* variables. Raises SettingsError, also for a name that does not exist."""
    known = {variable(item.name): item for item in fields(Settings)}
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
    return Settings(**{**values, **overrides}).check()


def variable(name: str) -> str:
    """Return the environment variable of a setting."""
    return f"AUTHSERVER_{name.upper()}"
