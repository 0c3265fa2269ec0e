"""`authserver resource-servers`, and what `clients` does about secrets, programs and ends."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

OF_ACME = ("--tenant", "acme")
ORDERS = "https://orders.example/"
CREATE = (
    "resource-servers", "create", ORDERS, *OF_ACME, "--name", "Orders",
    "--scope", "orders:read=See your orders", "--scope", "orders:write",
)  # fmt: skip
SERVICE = ("clients", "create", *OF_ACME, "--name", "Robot", "--kind", "service")


@pytest.fixture(autouse=True)
def _acme(answer: Answer) -> None:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")


def test_an_api_is_registered_listed_changed_and_taken_away(run: Run, answer: Answer) -> None:
    made = answer(*CREATE)
    assert made["scopes"] == {"orders:read": "See your orders", "orders:write": ""}
    listed = answer("resource-servers", "list", *OF_ACME)["resource_servers"]
    assert [one["id"] for one in listed] == [made["id"]]
    client = answer(*SERVICE, "--audience", ORDERS, "--scope", "orders:write")["client_id"]
    set_ = ("resource-servers", "set", made["id"], *OF_ACME)
    assert answer(*set_, "--client", client)["client_ids"] == [client]
    assert answer(*set_, "--client", "all", "--scope", "orders:read")["client_ids"] is None
    assert answer("clients", "show", client, *OF_ACME)["scope"] == ""
    assert run(*set_).exit_code == 2
    answer("resource-servers", "delete", made["id"], *OF_ACME)
    assert answer("clients", "show", client, *OF_ACME)["audiences"] == []
    assert "no resource servers" in run("resource-servers", "list", *OF_ACME).stdout


def test_what_no_api_offers_is_refused(run: Run, answer: Answer) -> None:
    answer(*CREATE)
    refused = run(*SERVICE, "--audience", "https://any.example/")
    assert (refused.exit_code, "no resource server" in refused.stderr) == (1, True)


def test_secrets_are_listed_and_ended(run: Run, answer: Answer) -> None:
    client = answer(*SERVICE)["client_id"]
    new = answer("clients", "rotate-secret", client, *OF_ACME, "--expires-days", "30")
    assert new["expires_at"] is not None
    listed = answer("clients", "secrets", client, *OF_ACME)["secrets"]
    assert listed[0]["id"] == new["secret_id"]
    assert new["client_secret"] not in str(listed)
    answer("clients", "revoke-secret", client, new["secret_id"], *OF_ACME)
    assert "ended" in run("clients", "secrets", client, *OF_ACME).stdout
    assert run("clients", "revoke-secret", client, "sec_nobody", *OF_ACME).exit_code == 1


def test_programs_are_printed_and_a_client_is_ended(run: Run, answer: Answer) -> None:
    made = answer(*SERVICE)
    client = made["client_id"]
    found = answer("clients", "snippets", client, *OF_ACME)["snippets"]
    assert set(found) == {"curl", "python", "node", "go", "java"}
    assert made["client_secret"] not in str(found)
    only = run("clients", "snippets", client, *OF_ACME, "--language", "curl")
    assert client in only.stdout
    answer("clients", "delete", client, *OF_ACME)
    assert run("clients", "show", client, *OF_ACME).exit_code == 1


def test_a_provider_that_is_not_there_is_said_to_be_so(run: Run) -> None:
    run(
        "connections", "create", "corp", *OF_ACME, "--kind", "oidc", "--label", "Corp",
        "--client-id", "ours", "--server", "https://127.0.0.1",
    )  # fmt: skip
    said = run("connections", "test", "corp", *OF_ACME)
    assert "cannot be reached" in said.stdout
