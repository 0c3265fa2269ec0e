import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from authserver.cli import COMMANDS, main


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from leaves(child, (*path, name))


EVERY = sorted(leaves(main))
MANUAL = [
    *(f"api-keys {name}" for name in ("create", "list", "revoke", "whose")),
    "apply",
    *(
        f"assertions {name}"
        for name in ("create", "disable", "enable", "list", "remove", "set", "show")
    ),
    *(f"audit anchors {name}" for name in ("accept", "compare", "list", "send")),
    "audit contact",
    *(f"audit {name}" for name in ("export", "keys list", "keys rotate", "sequence", "verify")),
    "clients create",
    "clients delete",
    "clients disable",
    "clients enable",
    "clients list",
    "clients quotas",
    "clients revoke-secret",
    "clients rotate-secret",
    "clients secrets",
    "clients set",
    "clients show",
    "clients snippets",
    *(
        f"connections {name}"
        for name in (
            "create",
            "disable",
            "enable",
            "list",
            "remove",
            "set",
            "set-secret",
            "show",
            "test",
        )
    ),
    "db check",
    "db current",
    "db prune",
    "db upgrade",
    "demo",
    *(f"domains {name}" for name in ("add", "check", "list", "remove", "route", "verify")),
    *(f"exchanges {name}" for name in ("allow", "forbid", "list")),
    "export",
    "identities list",
    "identities refresh-token",
    "identities unlink",
    "init",
    "invitations create",
    "invitations list",
    "invitations resend",
    "invitations revoke",
    "keys list",
    "keys reencrypt",
    "keys rotate",
    "logouts list",
    "logouts retry",
    "mail list",
    "mail retry",
    "plan",
    *(
        f"privacy {name}"
        for name in (
            *("consents", "erase", "erase-again", "erasures", "export", "hold", "keep", "lift"),
            *("receipt", "registry"),
        )
    ),
    *(
        f"registrations {name}"
        for name in ("create-token", "list", "prune", "renew", "revoke-token")
    ),
    *(f"resource-servers {name}" for name in ("create", "delete", "list", "set")),
    *(f"roles {name}" for name in ("create", "delete", "give", "list", "set", "take")),
    "serve",
    "streams list",
    "streams rewind",
    *(
        f"tenants {name}"
        for name in (
            "archive",
            "create",
            "end-sessions",
            "export",
            "flag",
            "import",
            "issuer",
            "limit",
            "limits",
            "logo",
            "restore",
            "resume",
            "set",
            "suspend",
        )
    ),
    "usage show",
    "users cancel-import",
    "users create",
    "users disable",
    "users enable",
    "users end-sessions",
    "users import",
    "users imports",
    "users list",
    "users require-password-change",
    "users reset-factors",
    "users send-reset",
    "users set",
    "users set-password",
    "users set-roles",
    "users show",
    "users unlock",
    "users verify-email",
    *(
        f"webhooks {name}"
        for name in (
            "create",
            "delete",
            "deliveries",
            "events",
            "list",
            "pause",
            "replay",
            "resume",
            "rotate-secret",
            "set",
            "test",
        )
    ),
    *(f"witness {name}" for name in ("init", "serve", "show", "trust")),
    "worker",
]


def test_the_commands_are_those_of_the_manual() -> None:
    assert [" ".join(path) for path in EVERY] == MANUAL


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_every_command_explains_itself_with_an_example(path: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"])
    assert shown.exit_code == 0
    assert f"Example:\n    authserver {' '.join(path)}" in shown.output
    assert "--json" in shown.output
    assert "--data-dir" in shown.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_group_explains_itself(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0
    assert "Example:" in shown.output


@pytest.mark.parametrize("arguments", [["nonsense"], ["tenants", "create"], ["--nonsense"]])
def test_wrong_usage_ends_with_two(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, arguments).exit_code == 2


def test_help_imports_no_command() -> None:
    program = (
        "import sys; from click.testing import CliRunner; from authserver.cli import main;"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0;"
        "slow = {'sqlalchemy', 'flask', 'cryptography', 'granian', 'alembic'} & set(sys.modules);"
        "assert not slow, slow"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
