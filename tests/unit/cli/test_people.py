"""People listed, shown, unlocked and imported at the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, object]]

TENANT = ("--tenant", "globex")
ADA = (*TENANT, "--email", "ada@globex.example")


@pytest.fixture(autouse=True)
def globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada Lovelace", "--role", "admin")


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_people_are_listed_and_shown(answer: Answer, run: Run) -> None:
    listed = answer("users", "list", *TENANT, "--search", "LOVE")["users"]
    assert [one["email"] for one in listed] == [ADA[-1]]
    assert answer("users", "list", *TENANT, "--state", "disabled")["users"] == []
    shown = answer("users", "show", *ADA)
    assert (shown["roles"], shown["sessions"]) == (["admin"], [])
    assert "has_password: no" in run("users", "show", *ADA).stdout
    assert "may try again" in run("users", "unlock", *ADA).stdout
    assert run("users", "end-sessions", *ADA, "--session", "ses_none").exit_code == 1


def test_a_file_of_csv_is_imported_and_what_is_refused_is_told(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    rows = "".join(f"p{n}@globex.example,Person {n},customer_viewer\n" for n in range(120))
    text = f"\ufeffEmail,Name,Roles\n{rows}bad,B,\nADA@globex.example,Ada,\n"
    file = write(tmp_path, "people.csv", text)
    dry = answer("users", "import", file, *TENANT, "--dry-run")
    refused = [
        {"row": 121, "field": "email", "code": "unusable"},
        {"row": 122, "field": "email", "code": "taken"},
    ]
    assert (dry["state"], dry["done"], dry["refused"]) == ("done", 122, refused)
    assert len(answer("users", "list", *TENANT)["users"]) == 1
    done = answer("users", "import", file, *TENANT)
    assert (done["dry_run"], done["done"], done["refused"]) == (False, 122, refused)
    assert len(answer("users", "list", *TENANT, "--limit", "200")["users"]) == 121
    again = run("users", "import", file, *TENANT)
    assert "122 refused" in again.stdout
    assert "and 102 more" in again.stdout


def test_a_file_that_cannot_be_read_leaves_nothing_open(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    for name, text in (
        ("a.csv", "email,name,admin\n"),
        ("b.csv", "email,name\nx\n"),
        ("c.jsonl", "[]\n"),
        ("d.csv", "email,name\n"),
    ):
        refused = run("users", "import", write(tmp_path, name, text), *TENANT)
        assert refused.exit_code == 1, name
        assert refused.stderr.startswith("authserver: ")
    line = json.dumps({"email": "j@globex.example", "name": "J", "verified": True})
    file = write(tmp_path, "e.jsonl", line)
    left = answer("users", "import", file, *TENANT, "--background")
    assert left["state"] == "waiting"
    assert run("users", "import", file, *TENANT).exit_code == 1
    (one, *_) = answer("users", "imports", *TENANT)["imports"]
    assert (one["id"], one["rows"], one["done"]) == (left["id"], 1, 0)
    assert "called off" in run("users", "cancel-import", *TENANT, str(left["id"])).stdout
    assert answer("users", "imports", *TENANT)["imports"][0]["state"] == "cancelled"
