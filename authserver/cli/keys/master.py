"""`authserver keys reencrypt`, and what `keys list` says of the master keys."""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping

import click

from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.ops.reencryption import Reencryption, Step
from authserver.settings import Settings
from authserver.wiring.services import Services


@make_command("reencrypt", example="authserver keys reencrypt --dry-run")
@click.option("--dry-run", is_flag=True, help="Count what is left to do, and change nothing.")
def reencrypt(settings: Settings, *, dry_run: bool) -> Report:
    """Encrypt what older master keys encrypted with the first one.

    It may run beside the server, which does the same every hour, and be ended at any time.
    docs/operations.md says how a master key is replaced.
    """
    services = opened(settings)
    waiting = _under_older_keys(services)
    if dry_run:
        return _report(waiting, f"{sum(waiting.values())} values are under older keys", {})
    steps = list(_with_progress(services.chores.reencryption, sum(waiting.values())))
    renewed: Counter[str] = Counter()
    for step in steps:
        renewed[str(step.column)] += step.renewed
    unreadable = sum(step.unreadable for step in steps)
    text = f"{renewed.total()} values were encrypted anew"
    if unreadable:
        text += f", {unreadable} do not open and stay as they are: the log names them"
    return _report(renewed, text, {"unreadable": unreadable})


def beside(report: Report, services: Services) -> Report:
    """Add the master keys to a report, and how many values each holds."""
    values: Counter[bytes] = Counter()
    for of_column in services.chores.reencryption.count().values():
        values.update(of_column)
    active, *older = services.keyring.ids
    missing = sorted(values.keys() - {active, *older})
    states = {active: "active"} | dict.fromkeys(older, "older") | dict.fromkeys(missing, "missing")
    rows = [
        {"id": key.hex(), "state": state, "values": values[key]} for key, state in states.items()
    ]
    lines = [f"  {row['id']}  {row['state']:<7} {row['values']:>8} values" for row in rows]
    text = "\n".join([report.text, "Master keys", *lines])
    return Report({**report.document, "master_keys": rows}, text)


def _under_older_keys(services: Services) -> Mapping[str, int]:
    older = services.keyring.ids[1:]
    counts = services.chores.reencryption.count()
    return {column: sum(made_by.get(key, 0) for key in older) for column, made_by in counts.items()}


def _with_progress(reencryption: Reencryption, waiting: int) -> Iterator[Step]:
    # On a terminal a bar; elsewhere its label alone. The answer is on standard output.
    with click.progressbar(length=waiting, label="Encrypting anew", file=sys.stderr) as bar:
        for step in reencryption.renew():
            bar.update(step.renewed + step.unreadable)
            yield step


def _report(values: Mapping[str, int], text: str, more: Mapping[str, int]) -> Report:
    lines = [f"  {number:>8}  {column}" for column, number in values.items() if number]
    document = {"dry_run": not more, "values": dict(values), **more}
    return Report(document, "\n".join([text, *lines]))
