"""What the demo's processes know of each other: a file in the data directory."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE = "demo.json"
VARIABLE = "DEMO_CONFIG"  # not a setting of the server: where the demo applications find the file

# Other addresses are for a machine where these ports are taken.
RELYING_PARTY = os.environ.get("DEMO_RELYING_PARTY", "http://localhost:8001")
RESOURCE_SERVER = os.environ.get("DEMO_RESOURCE_SERVER", "http://localhost:8002")
CALLBACK = f"{RELYING_PARTY}/callback"
SIGN_IN = f"{RELYING_PARTY}/sign-in"
SIGNED_OUT = f"{RELYING_PARTY}/signed-out"
LOGGED_OUT = f"{RELYING_PARTY}/logged-out"
AUDIENCE = "urn:acme:reports"
SCOPES = ("reports:read", "reports:write")


@dataclass(frozen=True)
class ClientCredentials:
    """A demo client's id and secret."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class DemoConfig:
    """The issuer and the credentials of the demo's clients."""

    issuer: str
    portal: ClientCredentials
    partner: ClientCredentials
    resource_server: ClientCredentials

    def write(self, path: Path) -> None:
        """Write the file so that only its owner can read it, all at once."""
        draft = path.with_suffix(".new")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(self), file, indent=2)
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> "DemoConfig":
        """Read the file. Raises OSError, ValueError, KeyError or TypeError."""
        values = json.loads(path.read_text())
        names = ("portal", "partner", "resource_server")
        clients = {name: ClientCredentials(**values[name]) for name in names}
        return cls(issuer=values["issuer"], **clients)


def find(path: Path) -> DemoConfig | None:
    """Return what the file says, None where it is missing or unreadable."""
    try:
        return DemoConfig.read(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def from_environment() -> DemoConfig:
    """Return the configuration of a demo application that `authserver demo` started."""
    return DemoConfig.read(Path(os.environ[VARIABLE]))
