"""A group that imports a command only when it runs: `authserver --help` answers at once."""

import importlib
from typing import cast

import click

# Name of the command, its module here, and the line that --help shows.
COMMANDS = {
    "init": ("init", "Set up a data directory, or complete one."),
    "db": ("db", "The database's schema."),
    "serve": ("serve", "Run the server."),
    "demo": ("demo", "Load demo data and run the server with two demo applications."),
    "tenants": ("tenants", "Organisations."),
    "users": ("users", "People's accounts and roles."),
    "clients": ("clients", "Applications, services and partners."),
    "keys": ("keys", "Signing keys."),
}


class LazyGroup(click.Group):
    """The top of the command line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names without importing anything."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command that is asked for."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"authserver.cli.{COMMANDS[cmd_name][0]}")
        return cast("click.Command", module.command)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
