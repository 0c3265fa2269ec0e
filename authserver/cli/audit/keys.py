"""`authserver audit keys`: the keys that sign the trail's checkpoints."""

from collections.abc import Sequence

import click

from authserver.audit.checkpoints.keys import PublicKey
from authserver.cli.command import Report, operator
from authserver.cli.command import command as make_command
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.oauth.trail_keys import shown
from authserver.settings import Settings
from authserver.tenants.service import instance_of


@click.group("keys", epilog="\b\nExample:\n  authserver audit keys list")
def command() -> None:
    """See and rotate the keys that sign the trail's checkpoints."""


@make_command("list", group=command, example="authserver audit keys list --json")
def list_keys(settings: Settings) -> Report:
    """List every key there ever was: what it signed is verified by it for ever.

    The same is published at /.well-known/audit-keys.
    """
    services = opened(settings)
    with services.database.read() as view:
        return _report(services.proving.keys.published(view))


@make_command("rotate", group=command, example="authserver audit keys rotate")
def rotate(settings: Settings) -> Report:
    """Let a new key of each algorithm sign from now on, each signed by the one before.

    Whoever pinned an old key can follow. After a compromise, tell the new key to those who verify.
    """
    services = opened(settings)

    def job(transaction: Transaction) -> list[PublicKey]:
        actor = operator(instance_of(transaction))
        return services.proving.keys.rotate(transaction, actor)

    return _report(services.database.write(job))


def _report(keys: Sequence[PublicKey]) -> Report:
    lines = [
        f"  {key.verifier.algorithm:<10} {key.verifier.key_id.hex()}  {_times(key)}" for key in keys
    ]
    name = f"Keys of {keys[-1].verifier.name}" if keys else "No checkpoint was signed yet"
    return Report({"keys": [shown(key) for key in keys]}, "\n".join([name, *lines]))


def _times(key: PublicKey) -> str:
    start = f"from {key.signs_from:%Y-%m-%d %H:%M}"
    return f"{start} until {key.signs_until:%Y-%m-%d %H:%M}" if key.signs_until else start
