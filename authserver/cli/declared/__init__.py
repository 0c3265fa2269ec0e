"""`authserver plan`, `apply` and `export`: configuration as code."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import yaml

from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.problems import NotFound
from authserver.declared import applying, form, present, reading, references
from authserver.declared.applying import Outcome, Wanted
from authserver.declared.reading import UnfitFile
from authserver.declared.tools import Tools
from authserver.settings import Settings
from authserver.wiring.services import Services

_FILE = click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
_HEAD = (
    "# What `authserver export` found. Secrets are in no file: give those of connections as\n"
    "#   client_secret: {env: NAME}   or   client_secret: {file: PATH}\n"
)


@make_command("plan", example="authserver plan tenants.yaml")
@_FILE
def plan(settings: Settings, *, file: Path) -> Report:
    """Print what `authserver apply FILE` would change, and change nothing.

    FILE is YAML; `-` is standard input. docs/configuration-as-code.md says what it may say.
    """
    services = opened(settings)
    outcome = applying.plan(services.database, _tools(services), _wanted(file))
    return _report(outcome, "to change", "Nothing is to be changed.")


@make_command("apply", example="authserver apply tenants.yaml")
@_FILE
def apply(settings: Settings, *, file: Path) -> Report:
    """Make tenants, roles, clients and connections as FILE says: all of it, or nothing.

    What FILE does not name stays as it is. The secrets of new clients are printed, this once.
    """
    services = opened(settings)
    outcome = applying.apply(services.database, _tools(services), _wanted(file))
    services.watch.changed()
    return _report(outcome, "changed", "Everything was so already.")


@make_command("export", example="authserver export tenants.yaml --tenant globex")
@_FILE
@click.option("--tenant", "slugs", multiple=True, help="Only this one; may be given again.")
def export(settings: Settings, *, file: Path, slugs: tuple[str, ...]) -> Report:
    """Write what there is into FILE, in the form that `authserver apply` reads; without secrets."""
    services = opened(settings)
    with services.database.read() as view:
        found = present.export(_tools(services), view, slugs or None)
    if missing := sorted({*slugs} - {*found["tenants"]}):
        raise NotFound(f"There is no tenant '{missing[0]}'.")
    text = _HEAD + yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)
    if str(file) == "-":
        return Report(found, text.rstrip("\n"))
    file.write_text(text, encoding="utf-8")
    document = {"file": str(file), "tenants": list(found["tenants"])}
    return Report(document, f"Wrote {len(found['tenants'])} tenants to {file}.")


def _wanted(file: Path) -> Wanted:
    """Read a file. Raises UnfitFile."""
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitFile(f"{file} cannot be read as a file of text in UTF-8.") from error
    read = reading.read(text)
    checked = form.check(read)
    secrets = references.resolve(checked, read, environment=os.environ, folder=file.parent)
    return Wanted(read, checked, secrets)


def _tools(services: Services) -> Tools:
    return Tools(
        tenants=services.tenants,
        admission=services.federation.admission,
        keys=services.keys,
        custom_roles=services.custom_roles,
        clients=services.clients,
        amendments=services.amendments,
        connections=services.federation.connections,
        operator=operator(""),
    )


def _report(outcome: Outcome, what: str, nothing: str) -> Report:
    changes = [
        {"sign": one.sign, "path": one.path, "before": one.before, "after": one.after}
        for one in outcome.changes
    ]
    document = {"changes": changes, "client_secrets": outcome.secrets}
    if not outcome.changes:
        return Report(document, nothing)
    lines: Sequence[str] = [f"{len(changes)} {what}:", *map(str, outcome.changes)]
    shown = [
        f"The secret of {name}, shown this once: {one}" for name, one in outcome.secrets.items()
    ]
    return Report(document, "\n".join([*lines, *shown]))
