import json
import os
import sqlite3
import stat
from base64 import b32decode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyotp
import pytest
from click.testing import Result

import authserver
from authserver.accounts.directory import snapshot
from authserver.accounts.passwords.policy import About, rules_of, weaknesses
from authserver.accounts.service import find_by_email
from authserver.audit.models import AuditEvent
from authserver.cli.opened import opened
from authserver.core.database.engine import Transaction
from authserver.demo.people import APP_SECRET, PASSWORD, PEOPLE, TENANTS
from authserver.mfa import authenticators, totp
from authserver.settings import from_environment
from authserver.tenants.service import get_by_slug
from authserver.usage.policy import ACTIVE, ACTIVE_DAY, Period

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


def test_never_were_more_people_there_than_there_are(run: Run, data_dir: Path) -> None:
    run("demo", "--load-only")
    services = opened(from_environment({"AUTHSERVER_DATA_DIR": str(data_dir)}))
    with closing(services.database), services.database.read() as view:
        tenant = get_by_slug(view, "acme")
        people = len([one for one in PEOPLE if one.tenant == "acme"])
        for period in Period:
            found = services.usage.figures.of_tenant(view, tenant.id, period)
            assert 0 < found.totals[ACTIVE_DAY] <= people
            there = [point.counted.get(ACTIVE, 0) for point in found.points]
            assert 0 < max(there) <= people
            if period is Period.DAY:
                assert max(there) == found.totals[ACTIVE_DAY]


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


def test_one_customer_has_an_app_whose_secret_is_told_and_marked(run: Run) -> None:
    (person,) = [one for one in PEOPLE if one.has_app]
    assert TENANTS[person.tenant][1] == "customer"
    seed = b32decode(APP_SECRET)
    shown = run("demo", "--load-only").output
    uri = totp.uri(seed, account=person.email, issuer=TENANTS[person.tenant][0])
    before, _, after = shown.partition(uri)
    assert after
    assert "for the demo only" in before
    told = json.loads(run("demo", "--load-only", "--json").stdout)
    assert [one["authenticator"] for one in told["people"] if one["authenticator"]] == [uri]


def test_the_code_of_now_is_right_at_once_and_the_trail_knows_the_app(run: Run) -> None:
    assert run("demo", "--load-only").exit_code == 0
    services = opened(from_environment(os.environ))
    (person,) = [one for one in PEOPLE if one.has_app]

    def use(tx: Transaction) -> bool:
        tenant = get_by_slug(tx, person.tenant)
        user = find_by_email(tx, tenant.id, person.email)
        assert user is not None
        trail = tx.tenant(tenant.id).query(AuditEvent)
        assert [one.type for one in trail].count("factor.added") == 1
        now = services.clock.now()
        code = pyotp.TOTP(APP_SECRET).at(now)
        return authenticators.claim(
            tx, snapshot(user), code=code, keyring=services.keyring, now=now
        )

    assert services.database.write(use)
    assert not services.database.write(use), "and then used"
    services.database.close()


def test_the_secret_is_known_to_the_demo_alone() -> None:
    package = Path(authserver.__file__).parent
    knows = {
        path.relative_to(package).parts[0]
        for path in package.rglob("*.py")
        if "APP_SECRET" in path.read_text() or APP_SECRET in path.read_text()
    }
    assert knows == {"demo"}


def test_public_passwords_are_not_loaded_into_a_public_server(
    run: Run, monkeypatch: pytest.MonkeyPatch, data_dir: Path
) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "https://id.example.com")
    done = run("demo", "--load-only")
    assert done.exit_code == 1
    assert "loopback" in done.stderr
    assert not (data_dir / "demo.json").exists()
    with closing(sqlite3.connect(data_dir / "authserver.db")) as database:
        for table in ("users", "totp_factors"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)  # noqa: S608
