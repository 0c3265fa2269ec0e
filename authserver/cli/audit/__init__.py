"""`authserver audit`: numbers and checkpoints of the trail, and the keys that sign them."""

import click

from authserver.cli.audit import keys, sequence


@click.group("audit", epilog="\b\nExample:\n  authserver audit keys list")
def command() -> None:
    """Give events of the trail numbers, and see and rotate the keys of its checkpoints."""


command.add_command(keys.command)
command.add_command(sequence.sequence)
