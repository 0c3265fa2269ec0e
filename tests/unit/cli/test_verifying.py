"""`authserver audit export` and `verify`, and the verifier alone."""

import gzip
import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from authserver.sdk import trail_verifier
from tests.unit.cli.conftest import Run


@pytest.fixture
def slug(run: Run) -> str:
    """A trail with two checkpoints."""
    run("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    run("audit", "sequence", "--once")
    run("tenants", "suspend", "globex")
    run("audit", "sequence", "--once")
    return "globex"


@pytest.fixture
def keys(run: Run, slug: str, tmp_path: Path) -> Path:
    assert slug
    file = tmp_path / "keys.json"
    file.write_text(run("audit", "keys", "list", "--json").stdout)
    return file


def exported(run: Run, slug: str, file: Path, *more: str) -> str:
    done = run("audit", "export", slug, str(file), *more)
    assert done.exit_code == 0, done.output
    return str(file)


def alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the file as somebody does who has nothing else of ours."""
    command = [sys.executable, "-I", str(Path(trail_verifier.__file__)), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_every_trail_is_verified_where_it_is(run: Run, slug: str) -> None:
    done = run("audit", "verify")
    assert done.exit_code == 0, done.output
    assert f"{slug}: VERIFIED: " in done.stdout
    one = json.loads(run("audit", "verify", "--tenant", slug, "--from", "1", "--json").stdout)
    assert (one["status"], [trail["events"] for trail in one["trails"]]) == ("verified", [1])


def test_an_export_is_verified_anywhere_and_is_itself_an_event(
    run: Run, slug: str, keys: Path, tmp_path: Path
) -> None:
    file = exported(run, slug, tmp_path / "one.bundle")
    assert (tmp_path / "one.bundle").stat().st_mode & 0o777 == 0o600
    assert run("audit", "verify", "--bundle", file, "--keys", str(keys)).exit_code == 0
    done = alone(file, "--keys", str(keys), "--json")
    assert (done.returncode, json.loads(done.stdout)["status"]) == (0, "verified")
    assert run("audit", "verify", "--bundle", file).exit_code == 2
    run("audit", "sequence", "--once")
    again = Path(exported(run, slug, tmp_path / "two.bundle"))
    assert "trail.exported" in gzip.decompress(again.read_bytes()).decode()
    assert run("audit", "export", slug, file).exit_code == 1


@pytest.mark.attack("AUD-02")
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE audit_events SET body = CAST(body || 'x' AS BLOB) WHERE seq = 1", "at 1: an"),
        ("UPDATE audit_events SET body = x'ff' WHERE seq = 1", "at 1: an event was changed"),
        ("UPDATE audit_events SET chain = NULL WHERE seq = 1", "at 1: a line of the file is not"),
        ("DELETE FROM audit_events WHERE seq = 1", "at 1: an event is missing"),
        ("DELETE FROM audit_events WHERE seq = 2", "at 2: an event is missing"),
        ("UPDATE audit_checkpoints SET note = replace(note, 'heads', 'Heads')", "a checkpoint"),
        ("DELETE FROM audit_heads", ""),
    ],
)  # fmt: skip
def test_what_somebody_changed_in_the_database_is_found(
    run: Run, slug: str, data_dir: Path, statement: str, words: str
) -> None:
    with sqlite3.connect(next(data_dir.glob("*.db"))) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount
    database.close()
    done = run("audit", "verify", "--tenant", slug)
    assert done.exit_code == (1 if words else 2), done.output
    assert words in done.stdout


@pytest.mark.attack("AUD-05")
def test_an_anchor_that_tells_of_another_history_is_shown(
    run: Run, slug: str, keys: Path, tmp_path: Path
) -> None:
    file = Path(exported(run, slug, tmp_path / "one.bundle", "--with", "1"))
    lines = [json.loads(line) for line in gzip.decompress(file.read_bytes()).splitlines()]
    notes = [line["note"] for line in lines if line["kind"] == "checkpoint"]
    anchors = tmp_path / "anchors"
    anchors.mkdir()
    (anchors / "notes.txt").write_text("\n".join(notes))
    (anchors / "lines.jsonl").write_text("".join(f"{json.dumps({'note': one})}\n" for one in notes))
    given = (str(file), "--keys", str(keys), "--anchors", str(anchors), "--json")
    assert json.loads(alone(*given).stdout)["anchors"] == 4
    for arguments in (("--tenant", slug), ("--bundle", str(file), "--keys", str(keys))):
        done = run("audit", "verify", *arguments, "--anchors", str(anchors))
        assert done.exit_code == 0, done.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("--bundle", "nowhere"), ("--keys", "nowhere"), ("--anchors", "nowhere"), ("--other",),
        ("--witnesses", "nowhere"), ("--tenant", "nowhere"), ("--from", "x"),
        ("--bundle", "README.md", "--tenant", "x"), ("--keys", "README.md"),
        ("--witnesses", "README.md"), ("--anchors", "docs"), ("--from", "1", "--bundle", "x"),
    ],
)  # fmt: skip
def test_what_cannot_be_tried_is_no_verdict(run: Run, arguments: tuple[str, ...]) -> None:
    done = run("audit", "verify", *arguments)
    assert done.exit_code == 3, done.output
    assert done.stderr


def test_the_verifier_alone_says_what_it_needs(tmp_path: Path) -> None:
    assert alone().returncode == 3
    assert alone("nowhere").returncode == 3
    empty = tmp_path / "empty"
    empty.touch()
    assert alone(str(empty)).returncode == 2
    empty.write_text("{}\n")
    assert alone(str(empty)).returncode == 1
