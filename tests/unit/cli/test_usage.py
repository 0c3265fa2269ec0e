"""`authserver usage` and `authserver clients quotas`."""

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]
ACME = ("--tenant", "acme")


@pytest.fixture(name="client_id")
def _client_id(answer: Answer) -> str:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "partner")
    asked = ("--name", "Feed", "--kind", "partner", "--scope", "orders:read", "--quota-day", "5")
    return str(answer("clients", "create", *ACME, *asked)["client_id"])


def test_quotas_are_changed_and_shown_with_what_was_used(
    answer: Answer, run: Run, client_id: str
) -> None:
    shown = answer("usage", "show", *ACME, "--client", client_id)
    assert shown["quotas"] == [{"per": "day", "limit": 5, "used": 0}]
    changed = answer("clients", "quotas", client_id, *ACME, "--day", "none", "--month", "90")
    assert (changed["day"], changed["month"]) == (None, 90)
    assert "0 of 90 this month" in run("usage", "show", *ACME, "--client", client_id).stdout


def test_figures_are_shown_of_all_and_of_a_tenant(answer: Answer, run: Run) -> None:
    answer("tenants", "create", "acme", "--name", "Acme", "--type", "partner")
    assert answer("usage", "show")["tokens"] == 0
    assert answer("usage", "show", *ACME, "--period", "30d")["period"] == "30d"
    assert "sign ins" in run("usage", "show", *ACME).stdout


def test_what_cannot_be_is_refused_in_plain_words(run: Run, client_id: str) -> None:
    quotas = ("clients", "quotas", client_id, *ACME)
    assert run(*quotas).exit_code == 2
    assert "neither a number" in run(*quotas, "--day", "many").stderr
    assert "between 1 and" in run(*quotas, "--day", "0").stderr
    assert run("usage", "show", "--client", client_id).exit_code == 2
    assert "no such client" in run("usage", "show", *ACME, "--client", "cli_x").stderr
