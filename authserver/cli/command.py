"""What every command has in common: its options, its answer and how it is refused."""

import functools
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from authserver.audit.events import Actor, ActorKind
from authserver.core.crypto import MasterKeyError
from authserver.core.ids import new_id
from authserver.core.problems import Problem
from authserver.settings import Settings, SettingsError, from_environment

REFUSED = 1


class NotReady(Problem):
    """The installation cannot be used as it is; the description says what to do."""

    status = 503
    code = "not_ready"
    title = "The installation is not ready"


@dataclass(frozen=True)
class Report:
    """What a command answers: to programs, and to people. `then` runs once it is said."""

    document: Mapping[str, object]
    text: str
    then: Callable[[], None] = field(default=lambda: None)


Body = Callable[..., Report]


def command(
    name: str, *, example: str, group: click.Group | None = None
) -> Callable[[Body], click.Command]:
    """Make a command of a function that takes the settings and its own options."""

    def decorate(body: Body) -> click.Command:
        @click.option(
            "--data-dir",
            type=click.Path(path_type=Path, file_okay=False),
            help="The data directory; also AUTHSERVER_DATA_DIR. Default: ./var",
        )
        @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
        @functools.wraps(body)
        def run(*, data_dir: Path | None, as_json: bool, **options: object) -> None:
            try:
                report = body(_settings(data_dir), **options)
                _say(report, as_json=as_json)
                report.then()
            except Problem as problem:
                _refuse(problem, as_json=as_json)
            except (SettingsError, MasterKeyError) as error:
                _refuse(NotReady(f"{error}."), as_json=as_json)

        made = click.command(name, epilog=f"\b\nExample:\n  {example}")(run)
        if group is not None:
            group.add_command(made)
        return made

    return decorate


def operator(tenant_id: str) -> Actor:
    """Return the operator as an actor in the trail of a tenant."""
    return Actor(ActorKind.OPERATOR, tenant_id, new_id("req"))


def _settings(data_dir: Path | None) -> Settings:
    overrides = {} if data_dir is None else {"data_dir": data_dir}
    return from_environment(os.environ, **overrides)


def _say(report: Report, *, as_json: bool) -> None:
    click.echo(json.dumps(report.document, indent=2) if as_json else report.text)
    sys.stdout.flush()


def _refuse(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(problem.document(new_id("req")), indent=2))
    else:
        click.echo(f"authserver: {problem.description}", err=True)
    raise SystemExit(REFUSED)
