"""Tokens and sign-ins beside a million people: a large installation and an empty one by turns."""

import argparse
import os
import secrets
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import ours
from load import CONNECTIONS, Load, install_wrk
from run import arguments as load_arguments
from run import cores, run_rounds
from sign_in import SignInPage

from authserver.wiring.services import MASTER_KEY_FILE

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
        install_wrk()
        server, generator = cores()
        with ExitStack() as stack:
            for target in self._targets:
                stack.callback(target.stop)
            for target in self._targets:
                target.start(server)
            given = ["--operations", OPERATIONS, "--rounds", str(self._options.rounds)]
            asked = load_arguments([*given, "--seconds", str(self._options.seconds)])
            samples = run_rounds(self._targets, asked, Load(asked.seconds, CONNECTIONS, generator))
            ratios = {
                name: [
                    large.operations_per_second / empty.operations_per_second
                    for empty, large in zip(
                        samples["empty"][name], samples["large"][name], strict=True
                    )
                ][1:]
                for name in OPERATIONS.split(",")
            }
            ratios["sign-in, with its pages"] = self._sign_ins()
        return [
            "",
            "| | large / empty | range | met |",
            "|---|---|---|---|",
            *map(_ratio, ratios.items()),
        ]

    def _sign_ins(self) -> list[float]:
        """Return how the times of pairs of sign-ins are to each other."""
        return [
            self._sign_in(self._targets[0]) / self._sign_in(self._targets[1])
            for _ in range(self._options.sign_ins)
        ]

    def _sign_in(self, target: ours.Ours) -> float:
        before = time.perf_counter()
        SignInPage(target, "/account").enter(ours.EMAIL, target.answers["password"])
        return time.perf_counter() - before


_HEAD = (
    f"Budget: {LEAST:.0%} of the empty installation's speed, at the median of the rounds.",
    "",
    "| | large / empty | range | met |",
    "|---|---|---|---|",
)


def _ratio(item: tuple[str, list[float]]) -> str:
    name, found = item
    met = "yes" if median(found) >= LEAST else "NO"
    return f"| {name} | {median(found):.2f} | {min(found):.2f} to {max(found):.2f} | {met} |"
