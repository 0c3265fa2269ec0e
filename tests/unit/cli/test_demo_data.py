import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from authserver.accounts.passwords.policy import About, rules_of, weaknesses
from authserver.demo.people import PASSWORD, PEOPLE, TENANTS

Run = Callable[..., Result]


def test_the_demo_password_keeps_the_rules_for_everybody() -> None:
    for person in PEOPLE:
        about = About(person.email, person.name, person.tenant, TENANTS[person.tenant][0])
        assert weaknesses(PASSWORD, rules_of("classic"), about) == []


def test_loading_again_finds_what_is_there(run: Run, data_dir: Path) -> None:
    first = run("demo", "--load-only")
    assert first.exit_code == 0, first.output
    path = data_dir / "demo.json"
    written = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert run("demo", "--load-only").output == first.output
    assert path.read_text() == written


def test_a_lost_file_is_written_again_with_new_secrets_for_the_same_clients(
    run: Run, data_dir: Path
) -> None:
    path = data_dir / "demo.json"
    run("demo", "--load-only")
    before = json.loads(path.read_text())
    path.unlink()
    assert run("demo", "--load-only").exit_code == 0
    after = json.loads(path.read_text())
    assert after["portal"]["client_id"] == before["portal"]["client_id"]
    assert after["portal"]["client_secret"] != before["portal"]["client_secret"]


def test_the_addresses_and_sign_ins_are_told(run: Run) -> None:
    shown = run("demo", "--load-only")
    assert "http://localhost:8001" in shown.output
    for person in PEOPLE:
        assert person.email in shown.output
    told = json.loads(run("demo", "--load-only", "--json").stdout)
    assert told["password"] == PASSWORD
    assert len(told["people"]) == len(PEOPLE)


def test_public_passwords_are_not_loaded_into_a_public_server(
    run: Run, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "https://id.example.com")
    done = run("demo", "--load-only")
    assert done.exit_code == 1
    assert "loopback" in done.stderr
    assert not (data_dir / "demo.json").exists()
