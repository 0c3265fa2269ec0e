"""What the tests use that no Python package brings: where it is, and how to get it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

POSTGRESQL = "AUTHTEST_POSTGRESQL"
REDIS = "AUTHTEST_REDIS"
CHROMIUM = "AUTHTEST_CHROMIUM"
NODE = "AUTHTEST_NODE"
APACHE = "AUTHTEST_APACHE"
GO = "AUTHTEST_GO"
MAVEN = "AUTHTEST_MAVEN"
PGBOUNCER = "AUTHTEST_PGBOUNCER"

_OLDEST_NODE = 20
_SHELL = "chromium-headless-shell"
_GATE = Path("/usr/lib/apache2/modules/mod_auth_openidc.so")


@dataclass(frozen=True)
class Need:
    """Something the tests use: where it is, and what cannot be tested without it."""

    variable: str
    name: str
    package: str
    untested: str
    find: Callable[[], str | None]
    best: str = ""  # the program that is worth installing where another one would do


def _postgresql() -> str | None:
    """Return the folder of PostgreSQL's programs; Debian keeps them off the PATH."""
    folders = [
        Path(found).resolve().parent for found in [shutil.which("postgres")] if found is not None
    ] + sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((str(folder) for folder in folders if (folder / "initdb").exists()), None)


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _redis() -> str | None:
    return shutil.which("redis-server")


def chromium() -> str | None:
    """Return the browser; the shell is the same engine without the windows around it."""
    names = (_SHELL, "chromium", "chromium-browser")
    return next((found for name in names if (found := shutil.which(name))), None)


def _node() -> str | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return node if int(said.lstrip("v").split(".")[0]) >= _OLDEST_NODE else None


def apache() -> str | None:
    """Return Apache where it has the module that asks who somebody is."""
    return shutil.which("apache2", path="/usr/sbin:/usr/bin") if _GATE.exists() else None


def go() -> str | None:
    """Return the compiler of Go."""
    return shutil.which("go")


def maven() -> str | None:
    """Return Maven, where there is a Java to run what it fetches."""
    return shutil.which("mvn") if shutil.which("java") else None


def pgbouncer() -> str | None:
    """Return the pooler; Debian keeps it off the PATH of users."""
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")


NEEDS = (
    Need(POSTGRESQL, "PostgreSQL", "postgresql", "everything on PostgreSQL", _postgresql),
    Need(REDIS, "Redis", "redis-server", "shared rate limits", _redis),
    Need(CHROMIUM, "Chromium", _SHELL, "the browser tests", chromium, best=_SHELL),
    Need(NODE, f"Node.js {_OLDEST_NODE} with npm", "", "interoperability with npm clients", _node),
    Need(
        APACHE,
        "Apache with mod_auth_openidc",
        "libapache2-mod-auth-openidc",
        "interoperability with mod_auth_openidc",
        apache,
    ),
    Need(PGBOUNCER, "PgBouncer", "pgbouncer", "poolers before PostgreSQL", pgbouncer),
    Need(GO, "Go", "", "interoperability with go-oidc", go),
    Need(MAVEN, "Java with Maven", "", "interoperability with Nimbus", maven),
)


def install() -> None:
    """Fetch what is missing, where this machine lets us: root on Debian."""
    packages = [need.package for need in NEEDS if need.package and _missing(need)]
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    # The packages' own services stay off: the tests start private ones.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    say(f"installing {' '.join(packages)}")
    apt = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    # One by one: not every distribution has all of them.
    installs = [["install", "--yes", "--no-install-recommends", name] for name in packages]
    for step in (["update"], *installs):
        if subprocess.run(
            [*apt, *step], env=quiet, stdout=subprocess.DEVNULL, check=False
        ).returncode:
            say(f"apt-get {' '.join(step)} failed")


def _missing(need: Need) -> bool:
    if need.variable in os.environ:
        return False
    return need.find() is None or bool(need.best and shutil.which(need.best) is None)


def say(text: str) -> None:
    """Tell whoever watches the run."""
    sys.stderr.write(f"services: {text}\n")
