"""docs/operations.md and docs/security.md: back-ups, keys, logs, the trail and the headers."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
import requests

from authserver.delivery.server import parse_server
from tests.docs.pages import Page
from tests.docs.reader import Reader
from tests.support.walker import TIMEOUT

pytestmark = pytest.mark.processes

PAGE = "docs/operations.md"


def test_back_up_upgrade_and_new_keys_go_as_the_page_says(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    reader.type("init")
    reader.type("back up")
    assert "All is well" in reader.type("try the copy")
    assert "All is well" in reader.type("upgrade")
    states = re.findall(r"(?:ES|RS)256  +(\w+)", reader.type("rotate keys"))
    assert set(states) == {"active", "next"} <= set(reader.page.table("Signing keys"))


def test_a_master_key_is_replaced_as_the_page_says(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    reader.type("init")
    master_key = tmp_path / "var/master.key"
    old = master_key.read_text().strip()
    reader.type("a new master key, second line")
    assert master_key.read_text().split()[0] == old
    listed = reader.command("authserver keys list")
    assert re.search(r"older +0 values", listed)
    reader.type("the new key becomes the first line")
    new, last = master_key.read_text().split()
    assert last == old
    assert master_key.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in (tmp_path / "var").glob("master*")] == ["master.key"]
    assert re.search(r"active +0 values", reader.command("authserver keys list"))
    done = reader.type("encrypt old values anew")
    assert "values are under older keys" in done
    assert "values were encrypted anew" in done
    assert re.search(r"older +0 values", done)
    master_key.write_text(f"{new}\n")
    alone = reader.command("authserver keys list")
    assert "older" not in alone
    assert "missing" not in alone


def test_the_outbox_is_looked_at_as_the_page_says(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    reader.type("init")
    reader.type("mail settings")
    assert reader.type("look at the outbox").splitlines() == [
        "0 waiting, 0 sending, 0 failed, 0 sent",
        "0 due now",
    ]
    assert reader.type("look at the notices").splitlines() == [
        "0 live, 0 waiting, 0 sending, 0 failed, 0 sent",
        "0 due now",
    ]
    assert reader.type("delete what is over").splitlines() == ["0 rows are over", "0 rows went"]


def test_mail_goes_out_by_the_schemes_that_are_told() -> None:
    for scheme, (encryption, port) in Page.read(PAGE).table("Mail").items():
        server = parse_server(f"{scheme}://localhost", 10)
        assert (str(server.port), server.tls == "none") == (port, encryption.startswith("none"))


def test_correlation_id_of_an_answer_stands_in_the_log_and_in_the_trail(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    reader.type("init")
    reader.command("authserver tenants create orchid --name Orchid --type customer")
    made = json.loads(
        reader.command("authserver clients create --tenant orchid --name F --kind service --json")
    )
    with reader.serving("serve"):
        answer = requests.post(
            f"{reader.issuer}/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(made["client_id"], made["client_secret"]),
            timeout=TIMEOUT,
        )
        correlation_id = answer.headers["X-Correlation-Id"]
    said = (tmp_path / "serve.log").read_text()
    [line] = [json.loads(line) for line in said.splitlines() if correlation_id in line]
    example = json.loads(reader.page.block("access line").text)
    assert line.keys() == example.keys()
    assert (line["path"], line["status"]) == (example["path"], example["status"])
    assert made["client_secret"] not in said
    with sqlite3.connect(tmp_path / "var/authserver.db") as database:
        rows = database.execute(reader.text("look into the trail")).fetchall()
    assert [row[1] for row in rows if row[3] == correlation_id] == ["machine_token.issued"]


def test_every_answer_has_the_headers_of_the_security_page(tmp_path: Path) -> None:
    told = Page.read("docs/security.md").table("Headers")
    wanted = {name: row[0].strip("`") for name, row in told.items()}
    reader = Reader(PAGE, tmp_path)
    reader.environment["AUTHSERVER_ISSUER"] = "https://id.orchid.example"
    reader.type("init")
    with reader.serving("serve"):
        for path in ("/", "/oauth/jwks", "/oauth/token", "/nowhere", "/t/nobody/oauth/jwks"):
            headers = requests.get(reader.issuer + path, timeout=TIMEOUT).headers
            assert {name: headers.get(name) for name in wanted} == wanted, path
            assert "Content-Security-Policy" in headers
