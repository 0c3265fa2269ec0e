"""The ceiling of the load generator: canned answers from node's http module."""

import subprocess
from pathlib import Path

from target import Credentials, Target


class Canned(Target):
    """A server that does nothing, as fast as it can."""

    kind = "canned"
    api_scope = "bench:read"

    def command(self, port: int) -> list[str]:
        """Return the command; any client is good."""
        self.web = self.service = Credentials("web", "secret")
        return ["node", str(Path(__file__).parent / "canned.mjs"), str(port)]

    def environment(self, _port: int) -> dict[str, str]:
        """Return production mode."""
        return {"NODE_ENV": "production"}

    def versions(self) -> dict[str, str]:
        """Return the version of node."""
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
        return {"node": node.stdout.strip().removeprefix("v")}
