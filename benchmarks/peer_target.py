"""The peer: npm oidc-provider with its in-memory default, one node process."""

import json
import secrets
import shutil
import subprocess
from pathlib import Path

from target import Credentials, Target, TargetError

PEER = Path(__file__).parent / "peer"


def install() -> None:
    """Install the packages of package-lock.json, if that has not been done."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise TargetError(f"{tool} is missing: the peer needs Node.js 20 or newer with npm")
    installed = PEER / "node_modules" / ".package-lock.json"
    lock = PEER / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=PEER, check=True)
        installed.touch()


class Peer(Target):
    """npm oidc-provider. Its JWT access tokens work at neither introspection nor userinfo."""

    kind = "peer"
    opaque_for_introspection = True
    code_flow_scope = "openid bench:read"
    refresh_scope = "bench:read"
    api_scope = "bench:read"
    resource = "https://api.bench.test"

    def command(self, port: int) -> list[str]:
        """Return the command; everything else is in peer/server.mjs."""
        install()
        self.web = self.service = Credentials("web", secrets.token_urlsafe(32))
        return ["node", str(PEER / "server.mjs"), str(port), self.web.client_secret]

    def environment(self, _port: int) -> dict[str, str]:
        """Return production mode."""
        return {"NODE_ENV": "production"}

    def versions(self) -> dict[str, str]:
        """Return the versions of oidc-provider and node."""
        package = PEER / "node_modules" / "oidc-provider" / "package.json"
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
        return {
            "oidc-provider": json.loads(package.read_text())["version"],
            "node": node.stdout.strip().removeprefix("v"),
        }
