"""`authserver audit`: the trail's numbers, checkpoints and keys, its export and verification."""

import click

from authserver.cli.audit import anchors, contact, exporting, keys, sequence, verifying


@click.group("audit", epilog="\b\nExample:\n  authserver audit keys list")
def command() -> None:
    """Verify and export the trail, number its events, look after its anchors and keys."""


command.add_command(anchors.command)
command.add_command(contact.contact)
command.add_command(exporting.export)
command.add_command(keys.command)
command.add_command(sequence.sequence)
command.add_command(verifying.verify)
