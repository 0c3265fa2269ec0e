"""`authserver api-keys`: an operator makes, lists, finds and revokes keys."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from authserver.api_keys.form import new_key

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

OF_ACME = ("--tenant", "acme")
SERVICE = (
    "clients", "create", *OF_ACME, "--name", "Importer", "--kind", "service",
    "--scope", "orders:read",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _acme(answer: Answer) -> None:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")


def test_a_key_is_made_listed_found_and_revoked(run: Run, answer: Answer) -> None:
    client = answer(*SERVICE)["client_id"]
    create = ("api-keys", "create", *OF_ACME, "--client", client, "--name", "Nightly")
    made = answer(*create, "--scope", "orders:read", "--days", "30", "--from", "192.0.2.0/24")
    assert made["key"].startswith("cf_dev_")
    listed = run("api-keys", "list", *OF_ACME).stdout
    assert made["id"] in listed
    assert made["key"] not in listed
    whose = run("api-keys", "whose", stdin=made["key"])
    assert f"acme\n{made['id']}" in whose.stdout
    assert answer("api-keys", "revoke", made["id"], *OF_ACME)["revoked"] is True
    assert answer("api-keys", "list", *OF_ACME)["api_keys"] == []
    assert "revoked" in run("api-keys", "list", *OF_ACME, "--all").stdout


def test_a_persons_key_is_within_what_the_person_may(run: Run, answer: Answer) -> None:
    person = ("--email", "ada@acme.example")
    answer("users", "create", *OF_ACME, *person, "--name", "Ada", "--role", "customer_viewer")
    create = ("api-keys", "create", *OF_ACME, *person, "--name", "Reports")
    made = answer(*create, "--scope", "users:read", "--role", "customer_viewer")
    assert (made["scopes"], made["roles"]) == (["users:read"], ["customer_viewer"])
    assert run(*create, "--scope", "users:write").exit_code == 1
    assert run(*create, "--scope", "users:read", "--client", "cli_x").exit_code == 2


def test_a_typo_is_told_from_a_key_of_elsewhere(run: Run) -> None:
    key = new_key("cf_prod")
    assert "no such API key here" in run("api-keys", "whose", stdin=key).stderr
    typo = run("api-keys", "whose", stdin=key[:-1])
    assert "a character is wrong or missing" in typo.stderr
    assert key not in typo.stderr
