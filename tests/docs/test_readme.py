"""README.md, followed to the letter on real processes. Only the ports are others."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, make_url, text

from tests.conftest import POSTGRESQL, REDIS
from tests.docs.pages import README, Page
from tests.docs.reader import Reader
from tests.support.process import Person
from tests.support.source import ROOT, SERVER
from tests.support.walker import TIMEOUT, Walker

ADA = Person("", "ada@orchid.example", "Blue-Lantern-42")

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who has come to the end of "Set up"."""
    reader = Reader(README, tmp_path_factory.mktemp("readme"))
    reader.type("set up")
    with reader.serving():
        yield reader


@pytest.fixture(scope="module")
def partner_token(reader: Reader) -> dict[str, Any]:
    """What the partner gets by the first of its two lines."""
    client_id, secret = reader.register("register the partner")
    reader.environment |= {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
    return _json(reader.type("fetch a token"))


def test_the_two_commands_are_targets_of_make() -> None:
    commands = Page.read(README).block("the two commands").text.splitlines()
    for command in (line.partition("#")[0].split() for line in commands):
        done = subprocess.run(
            [command[0], "--dry-run", *command[1:]], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()


def test_relying_party_of_ten_lines_signs_a_person_in(reader: Reader) -> None:
    client_id, secret = reader.register("register the portal")
    reader.environment |= {
        "FLASK_SECRET_KEY": "of this test",
        "FLASK_PORTAL_CLIENT_ID": client_id,
        "FLASK_PORTAL_CLIENT_SECRET": secret,
    }
    reader.save("relying_party.py")
    walker = Walker(ADA)
    # Any page shows that it runs; its first page leads to the server at once.
    with reader.running("run the portal", f"{reader.portal}/"):
        answer = walker.visit(reader.portal)
    assert "/login/consent" in walker.pages or answer.status_code == 200
    person = answer.json()
    assert (person["name"], person["tenant"]) == ("Ada Lovelace", "orchid")
    assert person["roles"] == ["admin"]


def test_partner_of_two_lines_gets_a_token_within_its_rate(partner_token: dict[str, Any]) -> None:
    assert partner_token["token_type"] == "Bearer"
    assert partner_token["scope"] == "orders:read"


def test_resource_server_of_ten_lines_tells_right_tokens_from_wrong_ones(
    reader: Reader, partner_token: dict[str, Any]
) -> None:
    reader.save("resource_server.py")
    reader.environment["ACCESS_TOKEN"] = partner_token["access_token"]
    orders = f"{reader.api}/orders"
    with reader.running("run the API", f"{reader.api}/"):
        answer = _json(reader.type("call the API"))
        assert answer == {"tenant": "orchid", "caller": reader.environment["CLIENT_ID"]}
        assert requests.get(orders, timeout=TIMEOUT).status_code == 401
        for wrong in _wrong(partner_token["access_token"]):
            bearer = {"Authorization": f"Bearer {wrong}"}
            assert requests.get(orders, headers=bearer, timeout=TIMEOUT).status_code == 401


@pytest.mark.parametrize("server", ["serve in production", "gunicorn"])
def test_the_same_program_runs_on_postgresql_and_redis_behind_a_proxy(
    tmp_path: Path, redis_url: str, server: str
) -> None:
    reader = Reader(README, tmp_path)
    with _database(reader) as database:
        reader.put(
            {
                "postgresql+psycopg://authserver:change-me@localhost:5432/authserver": database,
                "redis://localhost:6379/0": redis_url,
                "/var/lib/authserver": str(tmp_path / "var"),
            }
        )
        reader.type("production settings")
        reader.type("create the tenant only") if False else None
        with reader.serving(server):
            metadata = _get(f"{reader.issuer}/.well-known/openid-configuration")
            assert metadata["issuer"] == "https://id.orchid.example"


def test_map_of_the_code_is_complete() -> None:
    packages = {path.parent.name for path in SERVER.glob("*/__init__.py")}
    assert Page.read(README).table("The code").keys() - {"app.py"} == packages
