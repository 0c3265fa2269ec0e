"""`make bench`: authserver and npm oidc-provider under the same load in the same run.

Every server has one core, the load generator another. Within a round the servers take turns
operation by operation (A B A B), so a processor that changes its speed changes it for both.
Exit codes: 0 ok, 1 a budget is not met (with --strict), 2 no valid measurement.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import report
import results
from browser import BrowserError
from canned_target import Canned
from load import CONNECTIONS, Load, LoadError, Sample, install_wrk, measure
from machine import Memory, describe, memory
from operations import BY_NAME, MEMORY_AFTER_TOKENS, OPERATIONS, Operation
from ours import Ours
from peer_target import Peer
from proof import prove
from target import Target, TargetError

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
DOCUMENT = HERE.parent / "docs" / "performance.md"
WARM_UP_SECONDS = 2  # node compiles its hot functions meanwhile
FILL_SECONDS = 5
DISTURBED = 0.05

Samples = dict[str, dict[str, list[Sample]]]


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--targets", default="ours,peer", help="of ours, peer, canned")
    parser.add_argument("--operations", default=",".join(BY_NAME), help="default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of each operation in each round")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--quick", action="store_true", help="one round of 2 s; writes no files")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a budget is not met")
    parser.add_argument("--database-url", default="", help="PostgreSQL for ours; writes no files")
    parser.add_argument("--output", type=Path, help="write the JSON here, and nothing else")
    options = parser.parse_args(given)
    if options.quick:
        options.rounds, options.seconds = 1, 2
    unknown = set(options.operations.split(",")) - set(BY_NAME)
    if unknown:
        parser.error(f"no such operation: {', '.join(sorted(unknown))}")
    return options


def make_targets(options: argparse.Namespace) -> list[Target]:
    """Make the servers of --targets; the same one twice gets a number."""
    made: list[Target] = []
    for kind in options.targets.split(","):
        count = sum(target.kind == kind for target in made)
        name = kind if count == 0 else f"{kind}-{count + 1}"
        if kind == "ours":
            made.append(Ours(name, options.database_url))
        elif kind == "peer":
            made.append(Peer(name))
        elif kind == "canned":
            made.append(Canned(name))
        else:
            raise TargetError(f"no such target: {kind}")
    return made


def cores() -> tuple[int | None, int | None]:
    """Return the server's and the generator's processor; (None, None) on a machine with one."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 2:
        print("only one processor: server and load generator share it", file=sys.stderr)
        return None, None
    return usable[0], usable[1]


def run_rounds(targets: list[Target], options: argparse.Namespace, load: Load) -> Samples:
    """Measure; round 0 warms up and is not counted."""
    samples: Samples = defaultdict(lambda: defaultdict(list))
    chosen = [op for op in OPERATIONS if op.name in options.operations.split(",")]
    for number in range(options.rounds + 1):
        now = load if number else replace(load, seconds=WARM_UP_SECONDS)
        for operation in chosen:
            for target in targets:
                sample = measure(target, operation, now, number=number)
                _say(target, operation, sample)
                samples[target.name][operation.name].append(sample)
    return samples


def _say(target: Target, operation: Operation, sample: Sample) -> None:
    wrong = f"  {sample.mistakes} wrong: {sample.complaint}" if sample.mistakes else ""
    print(
        f"{sample.round}  {operation.name:18}  {target.name:7}"
        f"  {sample.operations_per_second:9,.0f}/s  p99 {sample.p99_ms:6.1f} ms"
        f"  server {sample.server_busy:4.0%}  others {sample.others_busy:4.0%}"
        f"  generator {sample.generator_busy:4.0%}{wrong}",
        file=sys.stderr,
        flush=True,
    )


def tokens_issued(samples: dict[str, list[Sample]]) -> int:
    """Return how many times a server issued tokens."""
    issuing = [BY_NAME[name] for name in samples if BY_NAME[name].issues_tokens]
    return sum(
        sample.requests // operation.requests_per_operation
        for operation in issuing
        for sample in samples[operation.name]
    )


def fill(target: Target, issued: int, load: Load) -> int:
    """Issue tokens until there were enough to judge the memory; return how many there were."""
    operation = BY_NAME["client_credentials"]
    while issued < MEMORY_AFTER_TOKENS:
        sample = measure(target, operation, replace(load, seconds=FILL_SECONDS))
        if not sample.is_valid:
            raise LoadError(f"{target.name}: {sample.complaint or 'no answers'}")
        issued += sample.requests
    return issued


def summarise(targets: list[Target], samples: Samples) -> list[results.Row]:
    """Return the rows of the table; ratios are to the first peer."""
    peer = next((target.name for target in targets if target.kind == "peer"), None)
    rows = []
    for name in samples[targets[0].name]:
        for target in targets:
            counted = {t: samples[t][name][1:] for t in {target.name, peer} if t}
            other = None if peer in {None, target.name} else counted[str(peer)]
            rows.append(
                results.row(BY_NAME[name], target.name, own=counted[target.name], peer=other)
            )
    return rows


def run(options: argparse.Namespace) -> int:
    """Start the servers, measure them, and report; return the exit code."""
    install_wrk()
    server_core, generator_core = cores()
    load = Load(options.seconds, options.connections, generator_core)
    with ExitStack() as stack:
        targets = make_targets(options)
        for target in targets:
            stack.callback(target.stop)
        for target in targets:
            target.start(server_core)
            if target.kind != "canned":
                prove(target)
        folder = Path(targets[0].folder.name)
        about: dict[str, Any] = {
            "date": datetime.now(UTC).date().isoformat(),
            "machine": describe(folder),
            "versions": {target.name: target.versions() for target in targets},
            "load": asdict(load) | {"rounds": options.rounds},
        }
        samples = run_rounds(targets, options, load)
        tokens = {target.name: tokens_issued(samples[target.name]) for target in targets}
        if not options.quick:
            tokens = {t.name: fill(t, tokens[t.name], load) for t in targets}
        used = {t.name: memory(t.process.pid) for t in targets if t.process}
    rows = summarise(targets, samples)
    judged = {target.name for target in targets if target.kind == "ours"}
    text = report.whole(about, rows, report.memory_lines(used, tokens, judged))
    print(text)
    if max(row.others_busy for row in rows) > DISTURBED:
        print("\nother processes used the server's core: repeat when it is quiet", file=sys.stderr)
    if not all(row.valid for row in rows):
        print("\nsome answers were wrong: this is no measurement", file=sys.stderr)
        return 2
    about |= {"operations": results.as_json(rows, samples), "tokens": tokens}
    about["memory"] = {name: asdict(found) for name, found in used.items()}
    write(options, about, text)
    return 1 if options.strict and not budgets_met(rows, used, judged) else 0


def budgets_met(rows: list[results.Row], used: dict[str, Memory], judged: set[str]) -> bool:
    """Tell whether every judged server meets every budget."""
    rates = all(row.met for row in rows if row.target in judged and row.ratio)
    return rates and all(results.memory_is_met(used[name]) for name in judged)


def write(options: argparse.Namespace, about: dict[str, Any], text: str) -> None:
    """Write --output; else the published files, if this was the whole measurement."""
    content = json.dumps(about, indent=2) + "\n"
    whole = options.operations == ",".join(BY_NAME) and options.targets == "ours,peer"
    if options.output:
        options.output.write_text(content)
    elif whole and not options.quick and not options.database_url:
        RESULTS.write_text(content)
        report.publish(DOCUMENT, text)


def main() -> None:
    """Run, and say in one line what went wrong where something did."""
    try:
        sys.exit(run(arguments()))
    except (TargetError, LoadError, BrowserError) as problem:
        print(f"bench: {problem}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
