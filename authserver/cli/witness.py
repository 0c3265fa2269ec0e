"""`authserver witness`: a process that cosigns checkpoints, apart from every installation."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from threading import Thread

import click
import orjson

from authserver.audit.checkpoints.note import is_name
from authserver.audit.checkpoints.signing import Verifier
from authserver.audit.witnesses.folder import FolderError, WitnessFolder
from authserver.audit.witnesses.policy import Known
from authserver.audit.witnesses.serving import WitnessServer
from authserver.audit.witnesses.trust import NotTrustedError, offered, trusted
from authserver.audit.witnesses.witness import Witness
from authserver.cli.command import Report
from authserver.cli.command import command as make_command
from authserver.cli.ending import wait_to_be_ended
from authserver.core import log
from authserver.core.clock import SystemClock
from authserver.core.problems import Refused
from authserver.settings import Settings

_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(
    "witness", epilog="\b\nExample:\n  authserver witness init kept --name witness.example/w1"
)
def command() -> None:
    """Run a witness (C2SP tlog-witness): it signs a checkpoint only if it grew from what it saw.

    Keep it, and its folder, where the administrators of the server cannot reach them.
    """


@make_command("init", group=command, example="authserver witness init kept --name w.example/w1")
@click.argument("folder", type=_FOLDER)
@click.option("--name", required=True, help="Its name in cosignatures: a URL without a scheme.")
def init(settings: Settings, *, folder: Path, name: str) -> Report:
    """Make a witness's folder and key; the server is told the key in AUTHSERVER_TRAIL_WITNESSES."""
    del settings
    if not is_name(name):
        raise Refused("The name is as witness.example/w1, without spaces and '+'.")
    try:
        key = WitnessFolder(folder).make(name).key.text()
    except FolderError as error:
        raise Refused(f"{error}.") from error
    return Report({"folder": str(folder), "key": key}, key)


@make_command("trust", group=command, example="authserver witness trust kept keys.json")
@click.argument("folder", type=_FOLDER)
@click.argument("keys", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.option("--anew", is_flag=True, help="Also keys that no known key has signed.")
def trust(settings: Settings, *, folder: Path, keys: Path, anew: bool) -> Report:
    """Let a witness know a log by its keys, saved from /.well-known/audit-keys.

    A log that is known gets keys only that its known ones have signed; what was seen of it stays.
    Stop the witness before, and start it after.
    """
    del settings
    place = WitnessFolder(folder)
    try:
        found = offered(orjson.loads(keys.read_bytes()))
        with place.held():
            known = {one.origin: one for one in place.logs()}
            logs = trusted(known, found, anew=anew)
            for one in logs:
                place.keep(one)
    except (FolderError, NotTrustedError) as error:
        raise Refused(f"{error}.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{keys} is not what /.well-known/audit-keys says.") from error
    return _report(logs)


@make_command("show", group=command, example="authserver witness show kept --json")
@click.argument("folder", type=_FOLDER)
def show(settings: Settings, *, folder: Path) -> Report:
    """Show a witness's key, and of each log the size that it cosigned last."""
    del settings
    place = WitnessFolder(folder)
    try:
        report = _report(place.logs())
        key = place.cosigner().key.text()
    except FolderError as error:
        raise Refused(f"{error}.") from error
    return Report({"key": key, **report.document}, f"{key}\n{report.text}")


@make_command("serve", group=command, example="authserver witness serve kept --port 8090")
@click.argument("folder", type=_FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8090, show_default=True)
def serve(settings: Settings, *, folder: Path, host: str, port: int) -> Report:
    """Cosign what is asked for, until SIGTERM or Ctrl-C. TLS is for a proxy before it."""
    place = WitnessFolder(folder)
    try:
        with place.held():
            witness = Witness(place, SystemClock())
        server = WitnessServer((host, port), witness)
    except FolderError as error:
        raise Refused(f"{error}.") from error
    except OSError as error:
        raise Refused(f"Cannot listen at {host}, port {port}: {error.strerror}.") from error
    url = f"http://{host}:{server.server_address[1]}/"
    document = {"url": url, "key": witness.key}
    text = f"Cosigning at {url} as {witness.key}; Ctrl-C ends it."
    return Report(document, text, then=partial(_serve, settings, place, server))


def _serve(settings: Settings, place: WitnessFolder, server: WitnessServer) -> None:
    log.configure(settings.log_level)
    try:
        with place.held():
            thread = Thread(target=server.serve_forever, name="witness", daemon=True)
            thread.start()
            wait_to_be_ended()
            server.shutdown()
            thread.join()
    except FolderError as error:
        raise Refused(f"{error}.") from error
    finally:
        server.server_close()


def _report(logs: Sequence[Known]) -> Report:
    shown = [
        {
            "log": one.origin,
            "size": one.size,
            "root": one.root.hex(),
            "keys": [_key(key) for key in one.keys],
        }
        for one in logs
    ]
    lines = [f"{one.origin}  {len(one.keys)} keys, cosigned until {one.size}" for one in logs]
    return Report({"logs": shown}, "\n".join(lines) or "It knows no logs.")


def _key(key: Verifier) -> dict[str, str]:
    return {"name": key.name, "algorithm": key.algorithm, "key_id": key.key_id.hex()}
