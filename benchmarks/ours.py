"""authserver itself, from its command line: one worker, durable, in a temporary data directory."""

import json
import os
import platform
import secrets
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from target import REDIRECT_URI, Credentials, Target, TargetError

PROGRAM = Path(sys.executable).with_name("authserver")
TENANT = "bench"
EMAIL = "a@bench.test"
NO_LIMIT = "1000000000"
SERVING = ("authserver", "granian", "flask", "sqlalchemy", "cryptography")


class Ours(Target):
    """authserver, with SQLite in its data directory or with `database_url`, and with settings."""

    kind = "ours"
    oidc_scope = "openid profile email offline_access"
    code_flow_scope = "openid offline_access bench:read"
    refresh_scope = "offline_access bench:read"
    api_scope = "bench:read"
    keeps_sessions = True  # a sign-in costs a bcrypt hash; sessions outlive a round

    def __init__(
        self, name: str, database_url: str = "", more: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(name)
        self._database_url = database_url
        self._more = more or {}
        self._password = f"{secrets.token_urlsafe(18)}-Aa7"  # the policy asks for each of them
        self._port = 0
        self.answers = {"email": EMAIL, "password": self._password, "decision": "allow"}

    @property
    def data_dir(self) -> str:
        """The data directory, in the target's temporary folder."""
        return str(Path(self.folder.name, "data"))

    def command(self, port: int) -> list[str]:
        """Create the installation, its tenant, person and clients; return the serve command."""
        if not PROGRAM.exists():
            raise TargetError(f"{PROGRAM} does not exist: run this with the project's Python")
        self._port = port
        self.cli("init", "--data-dir", self.data_dir)
        self.cli("tenants", "create", TENANT, "--name", "Bench", "--type", "internal")
        person = ["--email", EMAIL, "--name", "A", "--role", "NOC_OPERATOR", "--verified"]
        self.cli(
            "users", "create", "--tenant", TENANT, *person, "--password-stdin", text=self._password
        )
        self.web = self._client(
            "web", "web", f"{self.oidc_scope} {self.api_scope}", "--redirect-uri", REDIRECT_URI
        )
        self.service = self._client("service", "service", self.api_scope)
        serve = ["serve", "--port", str(port), "--workers", "1", "--data-dir", self.data_dir]
        return [str(PROGRAM), *serve]

    def _client(self, name: str, kind: str, scope: str, *more: str) -> Credentials:
        scopes = [part for name in scope.split() for part in ("--scope", name)]
        described = ["--tenant", TENANT, "--name", name, "--kind", kind, *scopes, *more]
        limits = ["--rate", f"{NO_LIMIT}/minute"]
        created = json.loads(self.cli("clients", "create", *described, *limits, "--json"))
        return Credentials(created["client_id"], created["client_secret"])

    def cli(self, *arguments: str, text: str | None = None) -> str:
        """Run a command of authserver and return what it prints."""
        done = subprocess.run(
            [PROGRAM, *arguments],
            env=os.environ | self.environment(self._port),
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise TargetError(f"authserver {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def environment(self, port: int) -> dict[str, str]:
        """Return the settings. Only the limit on sign-ins differs: they prepare the measurement."""
        settings = {
            "AUTHSERVER_ISSUER": f"http://localhost:{port}",
            "AUTHSERVER_DATA_DIR": self.data_dir,
            "AUTHSERVER_LOGIN_RATE": NO_LIMIT,
        }
        if self._database_url:
            settings["AUTHSERVER_DATABASE_URL"] = self._database_url
        return {**settings, **self._more}

    def versions(self) -> dict[str, str]:
        """Return the versions of authserver, Python and what carries the load."""
        database = self._database_url.partition(":")[0] or "sqlite"
        found = {name: version(name) for name in SERVING}
        return found | {"python": platform.python_version(), "database": database}
