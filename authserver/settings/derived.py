"""What follows from the settings."""

from pathlib import Path
from urllib.parse import urlsplit


class Derived:
    """What the settings say together; they themselves are declared in `Settings`."""

    issuer: str
    data_dir: Path
    database_url: str
    smtp_url: str
    dev_mail: str
    api_key_prefix: str

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
    def shows_mail(self) -> bool:
        """Tell whether /dev/mail is there: it has links that sign people in, for everybody."""
        return self.dev_mail == "on" and self.is_loopback and not self.smtp_url
