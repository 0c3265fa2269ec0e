import sqlite3
from base64 import b64decode
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from click.testing import Result

from authserver.audit.checkpoints.signing import Verifier

Run = Callable[..., Result]
Answer = Callable[..., dict[str, Any]]


def test_events_get_numbers_and_a_checkpoint(answer: Answer) -> None:
    first = answer("audit", "sequence", "--once")
    assert first["checkpoint"] == 1
    assert first["events"] == first["numbered"] > 0
    answer("tenants", "create", "globex", "--name", "Globex", "--type", "customer")
    second = answer("audit", "sequence", "--once")
    assert second["checkpoint"] == 2
    assert second["events"] == first["events"] + second["numbered"]


def test_there_are_keys_from_the_first_checkpoint_on(answer: Answer, run: Run) -> None:
    assert answer("audit", "keys", "list") == {"keys": []}
    answer("audit", "sequence", "--once")
    (key,) = answer("audit", "keys", "list")["keys"]
    assert (key["name"], key["algorithm"]) == ("localhost:8000/trail", "ed25519")
    assert key["key_id"] in run("audit", "keys", "list").stdout


def test_a_new_key_is_signed_by_the_one_before(answer: Answer) -> None:
    answer("audit", "sequence", "--once")
    old, new = answer("audit", "keys", "rotate")["keys"]
    assert old["valid_until"] == new["valid_from"]
    assert new["signed_by"] == old["id"]
    verifier = Verifier(old["name"], old["algorithm"], b64decode(old["public_key"]))
    assert verifier.key_id.hex() == old["key_id"]
    assert verifier.verifies(new["statement"].encode(), b64decode(new["cross_signature"]))
    assert new["public_key"] in new["statement"]


def test_a_second_signature_is_for_who_fears_the_future(answer: Answer, monkeypatch: Any) -> None:
    answer("audit", "sequence", "--once")
    monkeypatch.setenv("AUTHSERVER_TRAIL_POST_QUANTUM", "on")
    assert answer("audit", "sequence", "--once")["checkpoint"] == 2
    first, second = answer("audit", "keys", "list")["keys"]
    assert [one["algorithm"] for one in (first, second)] == ["ed25519", "ml-dsa-65"]
    assert second["signed_by"] == first["id"]


def test_a_trail_that_was_changed_is_not_signed(answer: Answer, run: Run, data_dir: Path) -> None:
    answer("audit", "sequence", "--once")
    with closing(sqlite3.connect(data_dir / "authserver.db")) as database:
        database.execute("UPDATE audit_trees SET root = zeroblob(32)")
        database.commit()
    refused = run("audit", "sequence", "--once")
    assert refused.exit_code == 1
    assert "The trail is inconsistent" in refused.stderr
