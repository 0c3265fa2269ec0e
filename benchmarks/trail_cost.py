"""What the trail costs: tokens, code flows and sign-ins of one build with it and without it.

Two servers by turns, each with one worker and an installation of its own: SQLite (synchronous
FULL), or two empty PostgreSQL databases. Exit codes: 0 met, 1 not met, 2 no valid measurement.
"""

import argparse
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from browser import BrowserError
from load import CONNECTIONS, Load, LoadError
from machine import describe
from ours import Ours
from pairs import Pair, compare
from report import conditions, publish
from run import cores
from target import TargetError

from authserver.settings import from_environment
from authserver.wiring.fetching import threads

LEAST = 0.8  # of the throughput without the trail
OPERATIONS = "client_credentials,refresh,code_flow"
WITHOUT = Path(__file__).with_name("without_trail.py")
DOCUMENT = Path(__file__).parent.parent / "docs" / "trail.md"
HEAD = (
    "| | without the trail, a second | with it | ratio | range | met |",
    "|---|---|---|---|---|---|",
)


class Trailless(Ours):
    """The same server, started by benchmarks/without_trail.py."""

    def command(self, port: int) -> list[str]:
        """Create the installation as ever; return the command that serves it without the trail."""
        super().command(port)
        many = threads(from_environment(self.environment(port)))
        return [sys.executable, str(WITHOUT), "127.0.0.1", str(port), "1", str(many)]

    def environment(self, port: int) -> dict[str, str]:
        """Return the settings, and what `authserver serve` adds to the environment."""
        return super().environment(port) | {"MALLOC_ARENA_MAX": "1"}


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/trail_cost.py", description=__doc__)
    parser.add_argument(
        "--database-url",
        nargs=2,
        default=("", ""),
        metavar=("WITH", "WITHOUT"),
        help="two empty PostgreSQL databases; default: SQLite",
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4, help="of each operation in each round")
    parser.add_argument("--sign-ins", type=int, default=20)
    parser.add_argument("--write", action="store_true", help=f"into docs/{DOCUMENT.name}")
    return parser.parse_args()


def row(pair: Pair) -> str:
    """Return the line of the table."""
    rates = " | ".join(f"{median(rates):,.1f}" for rates in (pair.base, pair.other))
    return f"| {pair.title} | {rates} | {pair.cells(LEAST)}"


def about(target: Ours, options: argparse.Namespace) -> str:
    """Say when, where and of what."""
    run = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": describe(Path(target.folder.name)),
        "versions": {"authserver": target.versions()},
        "load": asdict(Load(options.seconds, CONNECTIONS, cores()[1])) | {"rounds": options.rounds},
    }
    return f"{conditions(run)} Budget: {LEAST:.0%} at the median."


def measure(options: argparse.Namespace) -> int:
    """Measure, print, and publish if asked to; return the exit code."""
    recorded, free = options.database_url
    ours, without = Ours("trail", recorded), Trailless("without", free)
    said = about(ours, options)
    found = compare(without, ours, OPERATIONS, how=options)
    text = "\n".join([said, "", *HEAD, *map(row, found)])
    print(text)
    if options.write:
        kind = "PostgreSQL" if recorded else "SQLite"
        begin = f"<!-- what the trail costs on {kind}, by benchmarks/trail_cost.py: begin -->"
        publish(DOCUMENT, text, (begin, f"<!-- what the trail costs on {kind}: end -->"))
    return 0 if all(median(pair.ratios) >= LEAST for pair in found) else 1


def main() -> None:
    """Measure, and say in one line what went wrong where something did."""
    try:
        sys.exit(measure(arguments()))
    except (TargetError, LoadError, BrowserError) as problem:
        print(f"trail_cost: {problem}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
