"""`authserver audit anchors`, `audit contact` and `witness`, as operators type them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]


def test_anchors_are_sent_to_listed_compared_and_accepted(
    answer: Answer, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "checkpoints.ndjson"
    monkeypatch.setenv("AUTHSERVER_TRAIL_ANCHORS", f"far=file:{kept}")
    answer("audit", "sequence", "--once")
    assert answer("audit", "anchors", "send") == {"sent": 1}
    (anchor,) = answer("audit", "anchors", "list")["anchors"]
    assert (anchor["name"], anchor["number"], anchor["waiting"]) == ("far", 1, 0)
    assert answer("audit", "anchors", "compare")["contradictions"] == []
    assert run("audit", "anchors", "accept", "--reason", "none").exit_code == 1

    line = json.loads(kept.read_text())
    line["note"] = line["note"].replace("\n1\n", "\n99\n", 1)
    kept.write_text(json.dumps(line) + "\n")
    refused = run("audit", "anchors", "compare")
    assert refused.exit_code == 1
    assert "far has checkpoint 99" in refused.output
    assert run("audit", "sequence", "--once").exit_code == 1
    assert run("audit", "anchors", "accept", "--reason", " ").exit_code == 1
    (accepted,) = answer("audit", "anchors", "accept", "--reason", "restored")["accepted"]
    assert (accepted["number"], accepted["why"]) == (99, "rolled_back")
    assert answer("audit", "sequence", "--once")["checkpoint"] == 2


def test_a_witness_is_made_once_and_told_whom_to_trust(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    folder, keys = str(tmp_path / "kept"), tmp_path / "keys.json"
    made = answer("witness", "init", folder, "--name", "witness.example/w1")
    assert made["key"].startswith("witness.example/w1+")
    assert run("witness", "init", folder, "--name", "witness.example/w1").exit_code == 1
    assert run("witness", "init", str(tmp_path / "b"), "--name", "a b").exit_code == 1
    answer("audit", "sequence", "--once")
    keys.write_text(json.dumps(answer("audit", "keys", "list")))
    (log,) = answer("witness", "trust", folder, str(keys))["logs"]
    assert (log["log"], log["size"]) == ("localhost:8000/trail", 0)
    answer("audit", "keys", "rotate")
    keys.write_text(json.dumps(answer("audit", "keys", "list")))
    (log,) = answer("witness", "trust", folder, str(keys))["logs"]
    assert len(log["keys"]) == 2
    shown = answer("witness", "show", folder)
    assert (shown["key"], shown["logs"]) == (made["key"], [log])
    keys.write_text("nonsense")
    assert run("witness", "trust", folder, str(keys)).exit_code == 1
    assert run("witness", "show", str(tmp_path)).exit_code == 1


def test_a_tenant_names_whom_its_checkpoint_is_mailed_to(answer: Answer, run: Run) -> None:
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    assert answer("audit", "contact", "globex")["address"] is None
    to = "security@globex.example"
    waits = answer("audit", "contact", "globex", "--address", to)
    assert (waits["address"], waits["waiting"]["address"]) == (None, to)
    again = answer("audit", "contact", "globex", "--resend")["waiting"]
    assert again["until"] >= waits["waiting"]["until"]
    assert to in run("audit", "contact", "globex").output
    assert answer("audit", "contact", "globex", "--withdraw")["waiting"] is None
    assert run("audit", "contact", "globex", "--resend").exit_code == 1
    assert run("audit", "contact", "globex", "--address", "nobody").exit_code == 1
    assert run("audit", "contact", "globex", "--address", to, "--remove").exit_code == 1
    assert answer("audit", "contact", "globex", "--remove")["address"] is None
