"""Two verifiers, and a log with three tenants whose trails they read."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.support.bundles.log import Line, Log
from tests.support.bundles.verifying import Given, JavaScript, Verifiers

OURS, OTHER, SMALL = "ten_ours", "ten_other", "ten_small"


@pytest.fixture(scope="session")
def verifiers() -> Iterator[Verifiers]:
    node = os.environ.get("AUTHTEST_NODE") or shutil.which("node")
    if node is None:
        pytest.skip("no Node.js")
    javascript = JavaScript(node)
    yield Verifiers(javascript)
    javascript.close()


@dataclass(frozen=True)
class Written:
    """A log, a bundle of it and what a reader saved."""

    log: Log
    lines: list[Line]
    given: Given


@pytest.fixture(scope="session")
def written() -> Written:
    """Three tenants, four checkpoints, 200 events of ours, the 77th removed by retention."""
    log = Log()
    log.record(OTHER, *(f'{{"id":"evt_o{n}"}}' for n in range(9)))
    for stretch in range(4):
        bodies = (
            f'{{"facts":{{"of":"\u2028Zo\u00eb \\"{stretch}\\""}},"id":"evt_{n}"}}'
            for n in range(50)
        )
        log.record(OURS, *bodies)
        if stretch == 2:
            log.record(SMALL, "{}")
        log.checkpoint()
    log.trails[OURS].pruned.add(77)
    return Written(log, log.lines(OURS), Given(log.saved_keys()))
