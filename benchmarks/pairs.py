"""Two servers of ours under the same load by turns: how fast one is, as a share of the other."""

import argparse
import sys
import time
from dataclasses import dataclass
from statistics import median

import ours
from load import CONNECTIONS, Load, LoadError, install_wrk
from operations import BY_NAME
from ours import Ours
from run import DISTURBED, Samples, cores, run_rounds
from run import arguments as load_arguments
from sign_in import SignInPage

SIGN_IN = "sign-in, with its pages"


@dataclass(frozen=True)
class Pair:
    """What both did of one operation in a second, round by round."""

    title: str
    base: list[float]
    other: list[float]

    @property
    def ratios(self) -> list[float]:
        """Compare within a round only: the processor's speed changes between rounds."""
        return [other / base for base, other in zip(self.base, self.other, strict=True)]

    def cells(self, least: float) -> str:
        """Return the ratio, its range, and whether the median is enough, as cells of a table."""
        found = self.ratios
        met = "yes" if median(found) >= least else "NO"
        return f"{median(found):.2f} | {min(found):.2f} to {max(found):.2f} | {met} |"


def compare(base: Ours, other: Ours, operations: str, *, how: argparse.Namespace) -> list[Pair]:
    """Start both on one core, measure operations and sign-ins, and stop them.

    `how` says `rounds`, `seconds` and `sign_ins`. Raises LoadError where an answer was wrong.
    """
    install_wrk()
    server, generator = cores()
    try:
        for target in (base, other):
            target.start(server)
        load = Load(how.seconds, CONNECTIONS, generator)
        given = ["--operations", operations, "--rounds", str(how.rounds)]
        samples = run_rounds([base, other], load_arguments(given), load)
        found = [
            Pair(BY_NAME[name].title, _rates(samples, base, name), _rates(samples, other, name))
            for name in operations.split(",")
        ]
        return [*found, _sign_ins(base, other, how.sign_ins)]
    finally:
        base.stop()
        other.stop()


def _rates(samples: Samples, target: Ours, name: str) -> list[float]:
    """Return how many a second there were, in every round but the first, which warms up."""
    for one in samples[target.name][name]:
        if not one.is_valid:
            raise LoadError(f"{target.name}, {name}: {one.complaint or 'no answers'}")
    if max(one.others_busy for one in samples[target.name][name]) > DISTURBED:
        print(f"{name}: other processes used the server's core", file=sys.stderr)
    return [one.operations_per_second for one in samples[target.name][name][1:]]


def _sign_ins(base: Ours, other: Ours, times: int) -> Pair:
    """Sign in at each by turns, one after the other: the first ones warm up."""
    rates: dict[str, list[float]] = {base.name: [], other.name: []}
    for turn in range(times + 1):
        for target in (base, other):
            before = time.perf_counter()
            SignInPage(target, "/account").enter(ours.EMAIL, target.answers["password"])
            if turn:
                rates[target.name].append(1 / (time.perf_counter() - before))
    return Pair(SIGN_IN, rates[base.name], rates[other.name])
