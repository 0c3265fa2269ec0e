"""`authserver registrations`, and what `clients` and `tenants set` say of clients' metadata."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

OF_ACME = ("--tenant", "acme")
WEB = (
    "clients", "create", *OF_ACME, "--name", "Portal", "--kind", "web",
    "--redirect-uri", "https://portal.example/cb",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _acme(answer: Answer) -> None:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "customer")


def test_a_token_is_made_listed_and_taken_back(run: Run, answer: Answer) -> None:
    create = ("registrations", "create-token", *OF_ACME, "--name", "Certification")
    closed = run(*create)
    assert "--client-registration pkce-required" in closed.stdout
    tenant = answer("tenants", "set", "acme", "--client-registration", "pkce-optional")
    assert tenant["client_registration"] == "pkce-optional"
    made = answer(*create, "--clients", "20", "--kind", "web", "--kind", "service")
    assert made["initial_access_token"].startswith("iat_")
    assert (made["clients_left"], made["kinds"]) == (20, ["web", "service"])
    assert "openid" in made["scopes"]
    listed = answer("registrations", "list", *OF_ACME)["tokens"]
    assert [one["id"] for one in listed][-1] == made["id"]
    assert "initial_access_token" not in str(listed)
    assert answer("registrations", "revoke-token", made["id"], *OF_ACME)["revoked"] is True
    assert "revoked" in run("registrations", "list", *OF_ACME).stdout
    assert run("registrations", "revoke-token", "ini_nobody", *OF_ACME).exit_code == 1


def test_statements_are_trusted_by_issuer_and_keys_together(run: Run) -> None:
    done = run(
        "registrations", "create-token", *OF_ACME, "--name", "Bank",
        "--statement-issuer", "https://directory.example",
    )  # fmt: skip
    assert done.exit_code == 1
    assert "its keys" in done.stderr


def test_nothing_is_renewed_or_pruned_where_nobody_registered(run: Run, answer: Answer) -> None:
    client = answer(*WEB)["client_id"]
    assert run("registrations", "renew", client, *OF_ACME).exit_code == 1
    assert answer("registrations", "prune")["clients"] == []


def test_options_are_given_changed_shown_and_taken_away(run: Run, answer: Answer) -> None:
    made = answer(
        *WEB,
        "--option", "jwks_uri=https://portal.example/jwks",
        "--option", "contacts=ops@portal.example", "--option", "contacts=dev@portal.example",
        "--option", "require_auth_time=true", "--option", "default_max_age=60",
    )  # fmt: skip
    of_it = (made["client_id"], *OF_ACME)
    assert made["contacts"] == ["ops@portal.example", "dev@portal.example"]
    shown = answer("clients", "show", *of_it)
    assert shown["jwks_uri"] == "https://portal.example/jwks"
    assert (shown["require_auth_time"], shown["default_max_age"]) == (True, 60)
    assert "secret" not in run("clients", "show", *of_it).stdout.replace("client_secret_basic", "")
    answer("clients", "set", *of_it, "--option", "jwks_uri=none", "--name", "Portal two")
    after = answer("clients", "show", *of_it)
    assert "jwks_uri" not in after
    assert after["client_name"] == "Portal two"


@pytest.mark.parametrize(
    ("option", "code", "said"),
    [
        ("colour=red", 2, "no such NAME=VALUE"),
        ("jwks_uri", 2, "no such NAME=VALUE"),
        ("jwks_uri=http://portal.example/jwks", 1, "not https"),
        ("require_auth_time=perhaps", 1, "true or false"),
        ("default_max_age=soon", 1, "a whole number"),
        ("sector_identifier_uri=https://127.0.0.1/sector", 1, "cannot be read"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    run: Run, option: str, code: int, said: str
) -> None:
    done = run(*WEB, "--option", option)
    assert done.exit_code == code
    assert said in done.stderr


def test_a_logo_that_cannot_be_had_is_said(run: Run) -> None:
    done = run(*WEB, "--option", "logo_uri=https://127.0.0.1/logo.png")
    assert done.exit_code == 0
    assert "No picture could be taken" in done.stdout


def test_a_client_is_switched_off_and_on(run: Run, answer: Answer) -> None:
    client = answer(*WEB)["client_id"]
    assert answer("clients", "disable", client, *OF_ACME)["enabled"] is False
    assert "disabled" in run("clients", "list", *OF_ACME).stdout
    assert answer("clients", "enable", client, *OF_ACME)["enabled"] is True


def test_a_readable_secret_takes_the_tenants_leave(run: Run, answer: Answer) -> None:
    asked = (*WEB, "--auth-method", "client_secret_jwt")
    refused = run(*asked)
    assert refused.exit_code == 1
    assert "private_key_jwt" in refused.stderr
    assert answer("tenants", "set", "acme", "--client-secret-jwt", "on")["client_secret_jwt"] == (
        "on"
    )
    assert answer(*asked)["client_secret"]
