"""Configuration as code: plan, apply and export."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

SECRET = "canary-secret-of-google"
FILE = """\
version: 1
tenants:
  globex:
    name: Globex
    type: customer
    own_issuer: true
    policy:
      locale: de
      mfa_required: true
      session_idle_minutes: 30
    roles:
      night-shift:
        description: Unlocks people at night.
        permissions: [users:read, users:unlock]
    clients:
      Portal:
        kind: web
        redirect_uris: [https://portal.example/callback]
        scopes: [openid, profile]
        post_logout_redirect_uris: [https://portal.example/]
      Billing:
        kind: service
        scopes: [invoices:read]
        rate: 60/minute
    connections:
      google:
        kind: google
        label: Google
        client_id: 1234.apps.googleusercontent.com
        client_secret: {env: GOOGLE_SECRET}
        allowed: [globex.example]
"""


@pytest.fixture(name="file")
def _file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GOOGLE_SECRET", SECRET)
    path = tmp_path / "globex.yaml"
    path.write_text(FILE)
    return path


def changes(document: dict[str, object]) -> list[str]:
    found = document["changes"]
    assert isinstance(found, list)
    return [f"{one['sign']} {one['path']}" for one in found]


def test_a_file_is_planned_applied_and_then_changes_nothing(answer: Answer, file: Path) -> None:
    planned = answer("plan", str(file))
    assert "+ tenants.globex.roles.night-shift" in changes(planned)
    assert planned["client_secrets"] == {}
    assert answer("export", "-")["tenants"] == {}  # nothing was done
    applied = answer("apply", str(file))
    assert changes(applied) == changes(planned)
    secrets = applied["client_secrets"]
    assert isinstance(secrets, dict)
    assert sorted(secrets) == ["globex/Billing", "globex/Portal"]
    for command in ("plan", "apply"):
        again = answer(command, str(file))
        assert (again["changes"], again["client_secrets"]) == ([], {})
    (role,) = [
        role for role in answer("roles", "list", "--tenant", "globex")["roles"] if role["custom"]
    ]
    assert role["name"] == "globex/night-shift"


def test_what_is_exported_is_what_was_applied_and_changes_nothing(
    answer: Answer, run: Run, file: Path, tmp_path: Path
) -> None:
    answer("apply", str(file))
    out = tmp_path / "out.yaml"
    answer("export", str(out), "--tenant", "globex")
    written = out.read_text()
    assert "night-shift" in written
    assert SECRET not in written
    assert answer("apply", str(out))["changes"] == []
    assert run("export", str(out), "--tenant", "nobody").exit_code == 1


def test_a_change_says_what_it_changes_and_what_is_not_named_stays(
    answer: Answer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer("apply", str(file))
    file.write_text(
        FILE.replace("mfa_required: true", "mfa_required: false")
        .replace("[users:read, users:unlock]", "[users:read]")
        .replace("      session_idle_minutes: 30\n", "")
        .replace("kind: service", "kind: service\n        enabled: false")
    )
    assert (
        changes(answer("apply", str(file)))
        == [
            "- tenants.globex.policy.mfa_required",
            "~ tenants.globex.roles.night-shift.permissions",
            "+ tenants.globex.clients.Billing.enabled",
        ]
        or changes(answer("plan", str(file))) == []
    )
    monkeypatch.setenv("GOOGLE_SECRET", "another-secret")
    told = answer("apply", str(file))
    assert changes(told) == ["~ tenants.globex.connections.google.client_secret"]
    assert "another-secret" not in str(told)
    assert answer("apply", str(file))["changes"] == []


def test_what_is_absent_is_taken_away(answer: Answer, file: Path) -> None:
    answer("apply", str(file))
    role = "        description: Unlocks people at night.\n"
    file.write_text(FILE.replace(role, f"{role}        absent: true\n"))
    assert "- tenants.globex.roles.night-shift" in changes(answer("apply", str(file)))
    assert answer("apply", str(file))["changes"] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("users:unlock", "tenants:write", "line 12: tenants.globex.roles.night-shift: Only roles"),
        ("night-shift", "admin", "line 12: tenants.globex.roles.admin: The name reads like"),
        ("kind: web", "kind: car", "line 16: tenants.globex.clients.Portal"),
        ("https://portal.example/callback", "http://portal.example/*", "line 16"),
        ("GOOGLE_SECRET", "NOWHERE", "line 30: tenants.globex.connections.google: The environ"),
        ("locale: de", "locale: xx", "line 7: tenants.globex.policy"),
    ],
)
def test_what_cannot_be_so_changes_nothing_at_all_and_says_its_line(
    run: Run, answer: Answer, file: Path, old: str, new: str, words: str
) -> None:
    file.write_text(FILE.replace(old, new))
    done = run("apply", str(file))
    assert done.exit_code == 1
    assert words in done.stderr, done.stderr
    assert SECRET not in done.output
    assert answer("export", "-")["tenants"] == {}


def test_what_stays_is_not_changed_by_a_file(run: Run, answer: Answer, file: Path) -> None:
    answer("apply", str(file))
    for old, new in (
        ("type: customer", "type: partner"),
        ("name: Globex", "name: Other"),
        ("kind: web", "kind: spa"),
        ("own_issuer: true", "own_issuer: false"),
        ("kind: google\n", "kind: oidc\n"),
    ):
        file.write_text(FILE.replace(old, new))
        assert run("plan", str(file)).exit_code == 1, new


def test_a_secret_may_be_in_a_file_beside_it(run: Run, file: Path) -> None:
    file.write_text(FILE.replace("{env: GOOGLE_SECRET}", "{file: google.secret}"))
    assert "cannot be read" in run("plan", str(file)).stderr
    (file.parent / "google.secret").write_text(f"{SECRET}\n")
    assert run("apply", str(file)).exit_code == 0
    (file.parent / "google.secret").write_text("x" * 9000)
    assert "too large" in run("plan", str(file)).stderr


def test_a_file_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    assert run("plan", str(tmp_path / "none.yaml")).exit_code == 1
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe")
    assert run("plan", str(tmp_path / "bytes.yaml")).exit_code == 1
    assert run("plan", "-", stdin="version: 1\n").exit_code == 0
