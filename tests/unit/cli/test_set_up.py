import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from authserver.core.database import revisions

Run = Callable[..., Result]
KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_init_makes_what_only_its_owner_reads(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "new"
    done = run("init", "--data-dir", str(place))
    assert done.exit_code == 0
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert stat.S_IMODE((place / "master.key").stat().st_mode) == 0o600
    assert "keep a copy of it elsewhere" in done.output


@pytest.mark.parametrize("what", [("db", "check"), ("tenants", "archive", "nobody"), ("nothing",)])
def test_a_program_that_runs_a_command_has_its_umask_back(run: Run, what: tuple[str, ...]) -> None:
    before = os.umask(0o027)
    try:
        run(*what)
    finally:
        after = os.umask(before)
    assert after == 0o027


@pytest.mark.usefixtures("data_dir")
def test_a_script_that_asks_for_the_revision_does_not_wait_for_the_program(run: Run) -> None:
    program = "import sys; import authserver.cli.db; print('authserver.wiring' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert done.stdout.split() == [b"False"]
    newest = revisions.newest()
    expected = f"The database is at {newest}, the program needs {newest}.\n"
    assert run("db", "current").output == expected


def test_init_again_loses_nothing_and_says_so(run: Run, data_dir: Path) -> None:
    before = contents(data_dir)
    done = run("init")
    assert done.exit_code == 0
    assert "there already" in done.output
    assert contents(data_dir)["master.key"] == before["master.key"]
    assert json.loads(run("init", "--json").stdout)["done"] == []


def test_init_never_replaces_a_lost_master_key(run: Run, data_dir: Path) -> None:
    (data_dir / "master.key").unlink()
    done = run("init")
    assert done.exit_code == 1
    assert "restore it" in done.stderr
    assert not (data_dir / "master.key").exists()


def test_init_with_a_wrong_master_key_changes_nothing(run: Run, data_dir: Path) -> None:
    (data_dir / "master.key").write_text(KEY)
    before = contents(data_dir)
    done = run("init")
    assert done.exit_code == 1
    assert "master key" in done.stderr
    assert contents(data_dir)["authserver.db"] == before["authserver.db"]


@pytest.mark.parametrize("command", ["serve", "keys list", "db check", "db current"])
def test_a_place_without_installation_is_refused_and_left_alone(
    run: Run, tmp_path: Path, command: str
) -> None:
    place = tmp_path / "nowhere"
    done = run(*command.split(), "--data-dir", str(place))
    assert done.exit_code == 1
    assert "authserver init" in done.stderr
    assert done.stdout == ""
    assert not place.exists()


def test_serve_refuses_a_wrong_master_key(run: Run, data_dir: Path) -> None:
    (data_dir / "master.key").write_text(KEY)
    done = run("serve")
    assert done.exit_code == 1
    assert "not the one this data was written with" in done.stderr


def test_serve_refuses_a_missing_master_key(run: Run, data_dir: Path) -> None:
    (data_dir / "master.key").unlink()
    done = run("serve")
    assert done.exit_code == 1
    assert "cannot read the master key" in done.stderr


def test_serve_refuses_http_in_public(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "http://id.example.com")
    done = run("serve")
    assert done.exit_code == 1
    assert "must be https" in done.stderr


@pytest.mark.parametrize("newest", ["0099", None])
def test_serve_refuses_a_pending_migration_and_does_not_migrate(
    run: Run, monkeypatch: pytest.MonkeyPatch, newest: str | None
) -> None:
    monkeypatch.setattr("authserver.core.database.revisions.newest", lambda: newest)
    done = run("serve", "--json")
    assert done.exit_code == 1
    refusal = json.loads(done.stdout)
    assert refusal["type"] == "urn:authserver:problem:not_ready"
    assert "authserver db upgrade" in refusal["detail"]


def test_an_unknown_setting_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHSERVER_ISUER", "https://id.example.com")
    done = run("keys", "list")
    assert done.exit_code == 1
    assert "AUTHSERVER_ISUER" in done.stderr


def test_the_database_is_checked_and_upgraded(run: Run) -> None:
    assert run("db", "check").exit_code == 0
    assert "already" in run("db", "upgrade").output
    current = json.loads(run("db", "current", "--json").stdout)
    assert current["revision"] == current["needed"]
    assert current["pending"] is False


def test_the_data_directory_of_the_option_wins(run: Run, data_dir: Path, tmp_path: Path) -> None:
    assert run("keys", "list", "--data-dir", str(data_dir)).exit_code == 0
    assert run("keys", "list", "--data-dir", str(tmp_path / "other")).exit_code == 1
