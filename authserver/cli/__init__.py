"""The operator's commands: `authserver <group> <command>`, one file for each group.

Owns what operators type and what they are told. Must not decide anything that a service decides.
Every command takes --data-dir and --json, and ends with 0 (done), 1 (refused) or 2 (usage).
"""

import os

import click

from authserver.cli.lazy import LazyGroup

_PRIVATE = 0o077


@click.group(
    cls=LazyGroup,
    epilog="\b\nExample:\n  authserver init && authserver serve",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
def main() -> None:
    """Run and administer an authorization server.

    Settings come from AUTHSERVER_* variables; docs/settings.md lists them.
    """
    # The database, keys and mail are nobody else's to read.
    os.umask(_PRIVATE)
