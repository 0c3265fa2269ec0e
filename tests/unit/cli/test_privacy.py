"""`authserver privacy …`: erasures, legal holds, consents and copies, as operators type them."""

import json
import os
import zipfile
from base64 import urlsafe_b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from authserver.cli.opened import opened
from authserver.settings import from_environment
from authserver.wiring.people.jobs import make_job_worker

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]

GLOBEX = ("--tenant", "globex")
ADA = (*GLOBEX, "--email", "ada@globex.example")
WHY = ("--reason", "Asked by letter of 3 May")


@pytest.fixture(autouse=True)
def _globex(answer: Answer) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    answer("users", "create", *ADA, "--name", "Ada Lovelace")


def work_off() -> None:
    """Do what a worker does."""
    make_job_worker(opened(from_environment(os.environ))).work_off()


def erased(answer: Answer) -> dict[str, Any]:
    """Erase Ada without a waiting time; return the erasure."""
    answer("tenants", "set", "globex", "--erasure-days", "0")
    made = answer("privacy", "erase", *ADA, *WHY)
    work_off()
    return made


def test_an_erasure_waits_and_is_called_off(answer: Answer, run: Run) -> None:
    made = answer("privacy", "erase", *ADA, *WHY)
    assert (made["state"], made["asked_by"], made["held"]) == ("waiting", "operator", False)
    assert run("privacy", "erase", *ADA, *WHY).exit_code == 1, "it waits already"
    (listed,) = answer("privacy", "erasures", *GLOBEX)["erasures"]
    assert listed == made
    kept = answer("privacy", "keep", *ADA)
    assert (kept["id"], kept["state"]) == (made["id"], "cancelled")
    nothing = run("privacy", "keep", *ADA)
    assert (nothing.exit_code, "no erasure" in nothing.stderr) == (1, True)


def test_a_hold_stops_an_erasure_until_it_is_lifted(answer: Answer, run: Run) -> None:
    held = answer("privacy", "hold", *ADA, "--reason", "Case 17/26")
    assert held["id"].startswith("hld_")
    assert run("privacy", "hold", *ADA, *WHY).exit_code == 1, "one is enough"
    assert erased(answer)["held"] is True
    said = run("privacy", "erasures", *GLOBEX).stdout
    assert "1 erasures of globex" in said
    assert said.rstrip().endswith("held")
    lifted = answer("privacy", "lift", *ADA)
    assert lifted["id"] == held["id"]
    assert lifted["lifted_at"]
    assert run("privacy", "lift", *ADA).exit_code == 1
    (waiting,) = answer("privacy", "erasures", *GLOBEX)["erasures"]
    assert (waiting["state"], waiting["held"]) == ("waiting", False)


def test_whoever_is_erased_has_a_receipt_and_is_found_no_more(answer: Answer, run: Run) -> None:
    made = erased(answer)
    assert run("privacy", "erase", *ADA, *WHY).exit_code == 1
    early = run("privacy", "receipt", *GLOBEX, made["id"])
    assert early.exit_code == 1, "no checkpoint covers it yet"
    answer("audit", "sequence", "--once")
    receipt = answer("privacy", "receipt", *GLOBEX, made["id"])["receipt"]
    body = receipt.split(".")[1]
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    assert (claims["erasure"], claims["sub"]) == (made["id"], made["user_id"])
    assert run("privacy", "receipt", *GLOBEX, "era_nobody").exit_code == 1


def test_whom_a_restored_database_brought_back_is_erased_again(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    ada = answer("users", "show", *ADA)["id"]
    answer("privacy", "hold", *ADA, *WHY)
    kept = tmp_path / "erasures.json"
    done, waiting = ({"user_id": ada, "state": state} for state in ("done", "waiting"))
    again = ("privacy", "erase-again", *GLOBEX, "--from", str(kept))
    kept.write_text(json.dumps({"erasures": [waiting]}))
    assert answer(*again)["erased_again"] == []
    kept.write_text(json.dumps({"erasures": [done, {"user_id": "usr_other", "state": "done"}]}))
    assert answer(*again)["erased_again"] == [ada]
    kept.write_text("[]")
    assert run(*again).exit_code == 2
    assert run(*again[:-1], str(tmp_path / "none")).exit_code == 2


def test_a_copy_is_handed_over_once_and_for_its_owner_alone(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "ada.zip"
    made = answer("privacy", "export", *ADA, "--to", str(file))
    assert made["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        assert "ada@globex.example" in archive.read("personal-data.json").decode()
    assert run("privacy", "export", *ADA, "--to", str(file)).exit_code == 1, "never overwrites"
    other = tmp_path / "other.zip"
    nobody = (*GLOBEX, "--email", "bob@globex.example")
    assert run("privacy", "export", *nobody, "--to", str(other)).exit_code == 1
    assert not other.exists()


def test_what_is_stored_and_what_was_decided_is_told(answer: Answer, run: Run) -> None:
    columns = answer("privacy", "registry")["columns"]
    assert ("users", "email") in {(one["table"], one["column"]) for one in columns}
    assert "users.email" in run("privacy", "registry").stdout
    assert answer("privacy", "consents", *ADA)["consents"] == []
    assert "0 decisions" in run("privacy", "consents", *ADA).stdout


@pytest.mark.parametrize("command", ["consents", "erase", "hold", "keep", "lift"])
def test_nobody_is_found_under_a_wrong_address_or_in_a_wrong_tenant(run: Run, command: str) -> None:
    why = WHY if command in {"erase", "hold"} else ()
    for where in (("globex", "bob@globex.example"), ("initech", "ada@globex.example")):
        said = run("privacy", command, "--tenant", where[0], "--email", where[1], *why)
        assert said.exit_code == 1, said.output
