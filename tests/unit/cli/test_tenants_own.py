"""`authserver tenants …`: what a tenant has of its own, whether it works, and its copies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.support.pictures import picture

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")


def test_formats_and_looks_are_set_and_taken_away(answer: Answer, run: Run) -> None:
    given = {
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "date_format": "iso",
        "accent": "#0a7d55",
    }
    options = [part for n, v in given.items() for part in (f"--{n.replace('_', '-')}", v)]
    said = answer("tenants", "set", "globex", *options, "--email-domains", "Globex.example")
    assert given.items() <= said.items()
    assert said["email_domains"] == ["globex.example"]
    assert "time zone Europe/Berlin" in run("tenants", "set", "globex", "--mfa", "optional").stdout
    none = [part for n in given for part in (f"--{n.replace('_', '-')}", "none")]
    gone = answer("tenants", "set", "globex", *none, "--email-domains", "")
    assert {gone[name] for name in given} == {"none"}
    assert gone["email_domains"] == []
    assert run("tenants", "set", "globex", "--accent", "red").exit_code == 1


def test_how_long_things_are_kept_is_set_and_taken_back(answer: Answer, run: Run) -> None:
    days = {"erasure_days": 0, "activity_event_days": 90, "administration_event_days": 365}
    options = [part for n, v in days.items() for part in (f"--{n.replace('_', '-')}", str(v))]
    said = answer("tenants", "set", "globex", *options)
    assert days.items() <= said.items()
    assert said["security_event_days"] == "forever"
    shown = run("tenants", "set", "globex", "--activity-event-days", "forever").stdout
    assert "erasure days 0, administration event days 365" in shown
    assert "activity" not in shown
    refused = run("tenants", "set", "globex", "--security-event-days", "179")
    assert (refused.exit_code, "180 to 3650 days" in refused.stderr) == (1, True)
    for wrong in (("--erasure-days", "31"), ("--security-event-days", "long")):
        assert run("tenants", "set", "globex", *wrong).exit_code == 2


def test_a_logo_is_given_and_taken_away(answer: Answer, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(picture())
    assert answer("tenants", "logo", "globex", str(file))["logo_id"]
    assert answer("tenants", "logo", "globex", "--remove")["logo_id"] is None
    file.write_bytes(b"<svg/>")
    assert run("tenants", "logo", "globex", str(file)).exit_code == 1
    assert run("tenants", "logo", "globex").exit_code == 2


def test_limits_hold_for_commands_too(answer: Answer, run: Run) -> None:
    assert answer("tenants", "limit", "globex", "users", "0")["limits"] == [
        {"name": "users", "most": 0, "used": 0}
    ]
    refused = run("invitations", "create", "--email", "a@example.com", "--tenant", "globex")
    assert refused.exit_code == 1, refused.output
    assert refused.exit_code == 1
    assert "no room" in refused.stderr
    assert answer("tenants", "limit", "globex", "users", "none")["limits"] == []
    assert answer("tenants", "flag", "globex", "billing", "on")["flags"] == {"billing": True}
    assert answer("tenants", "flag", "globex", "billing", "none")["flags"] == {}
    assert "0 limits" in run("tenants", "limits", "globex").stdout
    assert run("tenants", "limit", "globex", "users", "many").exit_code == 2


def test_a_tenant_is_suspended_resumed_archived_and_restored(answer: Answer, run: Run) -> None:
    assert answer("tenants", "suspend", "globex")["suspended"]
    assert not answer("tenants", "resume", "globex")["suspended"]
    assert answer("tenants", "archive", "globex")["archived"]
    assert run("tenants", "resume", "globex").exit_code == 1
    restored = answer("tenants", "restore", "globex")
    assert (restored["suspended"], restored["archived"]) == (True, False)


def test_an_issuer_moves(answer: Answer, run: Run) -> None:
    own = answer("tenants", "issuer", "globex", "--path")["issuer"]
    assert own.endswith("/t/globex")
    assert answer("keys", "list", "--tenant", "globex")["issuer"] == own
    unproved = run("tenants", "issuer", "globex", "--host", "login.globex.example")
    assert unproved.exit_code == 1
    assert "Prove the domain" in unproved.stderr
    assert not answer("tenants", "issuer", "globex", "--platform")["issuer"].endswith("globex")
    assert run("tenants", "issuer", "globex").exit_code == 2


def test_a_copy_is_written_for_its_owner_alone_and_taken(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    secret, file = tmp_path / "passphrase", tmp_path / "globex.copy"
    secret.write_text("correct horse battery\n")
    told = ("--passphrase-file", str(secret))
    said = answer("tenants", "export", "globex", str(file), *told)
    assert said["rows"]["tenants"] == 1
    assert "users.password_hash" in said["not_in_it"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("tenants", "export", "globex", str(file), *told).exit_code == 1, "never overwrites"
    taken = run("tenants", "import", str(file), "--slug", "initech", *told)
    assert taken.exit_code == 1
    assert "already" in taken.stderr
    assert run("tenants", "import", str(tmp_path / "none"), *told).exit_code == 1
    asked = run("tenants", "import", str(file), stdin="another passphrase\n")
    assert "passphrase is wrong" in asked.stderr or "already" in asked.stderr
