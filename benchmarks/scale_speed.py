"""Tokens and sign-ins beside a million people: a large installation and an empty one by turns."""

import argparse
import os
import secrets
from pathlib import Path

import ours
from pairs import compare

from authserver.wiring.keys.master import MASTER_KEY_FILE

LEAST = 0.9
OPERATIONS = "client_credentials,refresh,introspection,userinfo,code_flow"


class Speed:
    """Tokens and sign-ins of the large installation, as a share of those of the empty one."""

    def __init__(self, options: argparse.Namespace) -> None:
        environ, ours.TENANT = os.environ, f"bench-{secrets.token_hex(4)}"
        ours.EMAIL = f"a@{ours.TENANT}.test"  # of one tenant: another run made others
        key = Path(environ["AUTHSERVER_DATA_DIR"], MASTER_KEY_FILE).read_text()
        owner = environ.get("AUTHSERVER_DATABASE_OWNER_URL", "")
        self._options = options
        self._targets = [
            ours.Ours(
                name, url, {"AUTHSERVER_MASTER_KEY": key, "AUTHSERVER_DATABASE_OWNER_URL": by}
            )
            for name, url, by in (
                ("empty", options.empty_url, options.empty_owner_url),
                ("large", environ["AUTHSERVER_DATABASE_URL"], owner),
            )
        ]

    def lines(self) -> list[str]:
        """Measure, and return what to publish."""
        empty, large = self._targets
        found = compare(empty, large, OPERATIONS, how=self._options)
        return [*_HEAD, *(f"| {pair.title} | {pair.cells(LEAST)}" for pair in found)]


_HEAD = (
    "",
    f"Budget: {LEAST:.0%} of the empty installation's speed, at the median of the rounds.",
    "",
    "| | large / empty | range | met |",
    "|---|---|---|---|",
)
