"""The operator's commands: `authserver <group> <command>`, one file for each group.

Owns what operators type and what they are told. Must not decide anything that a service decides.
Every command takes --data-dir and --json, and ends with 0 (done), 1 (refused) or 2 (usage).
"""

import gc
import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import click

_PRIVATE = 0o077
# Name of the command and of its module here, and the line that --help shows.
COMMANDS = {
    "init": "Set up a data directory, or complete one.",
    "db": "The database's schema, and what is over in it.",
    "serve": "Run the server.",
    "worker": "Send mail and delete what is over, beside the server.",
    "demo": "Load demo data and run the server with two demo applications.",
    "tenants": "Organisations.",
    "users": "People's accounts and roles.",
    "roles": "What roles allow, a tenant's own ones, and who holds which until when.",
    "invitations": "People who are asked into a tenant by mail.",
    "connections": "Providers where people may sign in: Google, GitHub, Entra, any other.",
    "domains": "Email domains that are a tenant's own, and where their people sign in.",
    "identities": "By which providers people sign in, and the tokens of those.",
    "clients": "Applications, services and partners.",
    "privacy": "What is stored about people, what they allowed, and copies of it.",
    "resource-servers": "The APIs of a tenant, and what clients may ask of them.",
    "usage": "Tokens, refusals and sign-ins, and what is left of quotas.",
    "registrations": "What lets clients register themselves.",
    "exchanges": "Which services may exchange whose tokens for narrower ones.",
    "assertions": "Issuers whose assertions clients exchange for tokens.",
    "api-keys": "Keys by which people's and services' programs call APIs.",
    "webhooks": "Servers that are told of events, and what became of each delivery.",
    "streams": "How far streams of the trail are, and having one go back.",
    "keys": "Signing keys, and the master key.",
    "audit": "Numbers and checkpoints of the trail, and the keys that sign them.",
    "witness": "A witness of trails: cosigns checkpoints that grew from what it saw.",
    "logouts": "Which clients are told that sessions ended, and what was given up.",
    "mail": "What waits to be sent, and what was given up.",
    "plan": "What `apply` would change.",
    "apply": "Make tenants, roles, clients and connections as a file says.",
    "export": "Write what there is into such a file.",
}
# Commands that share a module, where they have their own names.
_TOGETHER = {"plan": "declared", "apply": "declared", "export": "declared"}


class LazyGroup(click.Group):
    """Imports a command only when it runs, so that `authserver --help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Return the names without importing anything."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command that is asked for."""
        if cmd_name not in COMMANDS:
            return None
        with spared():
            place = _TOGETHER.get(cmd_name, cmd_name.replace("-", "_"))
            module = importlib.import_module(f"authserver.cli.{place}")
        return cast(
            "click.Command", getattr(module, cmd_name if cmd_name in _TOGETHER else "command")
        )

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002  click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])


@contextmanager
def spared() -> Iterator[None]:
    """Import without garbage collections, and keep what came out of those that follow.

    They take a third of the time, the one at the end of the process most of it, and find nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@click.group(
    cls=LazyGroup,
    epilog="\b\nExample:\n  authserver init && authserver serve",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.pass_context
def main(context: click.Context) -> None:
    """Run and administer an authorization server.

    Settings come from AUTHSERVER_* variables; docs/settings.md lists them.
    """
    # The database, keys and mail are nobody else's to read. Whoever runs commands within a program
    # of their own has its mask back afterwards.
    before = os.umask(_PRIVATE)
    context.call_on_close(lambda: os.umask(before))
