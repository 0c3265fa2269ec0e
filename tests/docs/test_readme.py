"""README.md, followed to the letter on real processes. Only the ports are others."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
import requests
from sqlalchemy import create_engine, make_url, text

from authserver.demo.people import APP_SECRET
from tests.docs.pages import README, Page
from tests.docs.reader import ADA, PATIENCE, Reader, following
from tests.support.databases import POSTGRESQL
from tests.support.source import ROOT, SERVER
from tests.support.walker import TIMEOUT, Walker

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader who has come to the end of "Set up"."""
    with following(README, tmp_path_factory.mktemp("readme")) as reader:
        yield reader


@pytest.fixture(scope="module")
def partner_token(reader: Reader) -> dict[str, Any]:
    """Return what the partner gets by the first of its two lines."""
    client_id, secret = reader.register("register the partner")
    reader.environment |= {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
    return json.loads(reader.type("fetch a token"))


def test_the_two_commands_are_targets_of_make() -> None:
    commands = Page.read(README).block("the two commands").text.splitlines()
    for command in (line.partition("#")[0].split() for line in commands):
        done = subprocess.run(
            [command[0], "--dry-run", *command[1:]], cwd=ROOT, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()


def test_the_code_for_the_demo_is_one_of_its_app() -> None:
    command = Page.read(README).block("a code for the demo").text
    typed = command.replace(".venv/bin/python", shlex.quote(sys.executable))
    shown = subprocess.run(["bash", "-c", typed], capture_output=True, check=True).stdout.decode()
    app = pyotp.TOTP(APP_SECRET)
    now = app.timecode(datetime.now(UTC))
    assert shown.strip() in {app.generate_otp(step) for step in (now - 1, now)}


def test_relying_party_of_ten_lines_signs_a_person_in(reader: Reader) -> None:
    client_id, secret = reader.register("register the portal")
    reader.environment |= {
        "FLASK_SECRET_KEY": "of this test",
        "FLASK_PORTAL_CLIENT_ID": client_id,
        "FLASK_PORTAL_CLIENT_SECRET": secret,
    }
    reader.save("relying_party.py")
    walker = Walker(ADA)
    with reader.running("run the portal", reader.portal):
        person = walker.visit(reader.portal).json()
    assert {"/login/password", "/login/consent"} <= set(walker.pages)
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
    with reader.running("run the API", reader.api):
        answer = json.loads(reader.type("call the API"))
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
    with _database(reader) as (url, owner):
        place = "@localhost:5432/authserver"
        reader.put(
            {
                f"postgresql+psycopg://authserver:change-me{place}": url,
                f"postgresql+psycopg://authserver_owner:change-me-too{place}": owner,
                "redis://localhost:6379/0": redis_url,
                "/var/lib/authserver": str(tmp_path / "var"),
            }
        )
        reader.type("production settings")
        reader.type("set up")
        client = reader.register("register the partner")
        with reader.serving(server):
            metadata = f"{reader.issuer}/.well-known/openid-configuration"
            # gunicorn takes the request while its four workers still import the program.
            issuer = requests.get(metadata, timeout=PATIENCE).json()["issuer"]
            assert issuer == "https://id.orchid.example"
            assert _behind_proxy(reader, client, "127.0.0.1").status_code == 200
            assert _behind_proxy(reader, client, "198.51.100.7").status_code == 400


def test_map_of_the_code_is_complete() -> None:
    packages = {path.parent.name for path in SERVER.glob("*/__init__.py")}
    assert Page.read(README).table("The code").keys() - {"app.py"} == packages


@contextmanager
def _database(reader: Reader) -> Iterator[tuple[str, str]]:
    """Create the roles and the database of the page, under names of their own; give the URLs."""
    server = os.environ.get(POSTGRESQL)
    if not server:
        pytest.skip(f"no PostgreSQL: {POSTGRESQL} is not set")
    name = f"readme_{os.urandom(6).hex()}"
    page = reader.page.block("database").text
    statements = re.sub(r"\bauthserver(_owner)?\b", rf"{name}\1", page).split(";\n")
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in filter(str.strip, statements):
            connection.execute(text(statement))
        url = make_url(server).set(username=name, password="change-me", database=name)
        owner = url.set(username=f"{name}_owner", password="change-me-too")
        yield (
            url.render_as_string(hide_password=False),
            owner.render_as_string(hide_password=False),
        )
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        connection.execute(text(f"DROP ROLE {name}, {name}_owner"))
    admin.dispose()


def _behind_proxy(reader: Reader, client: tuple[str, str], address: str) -> requests.Response:
    """Fetch a token as a proxy on this machine passes it on from an address."""
    return requests.post(
        f"{reader.issuer}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=client,
        headers={"X-Forwarded-For": address},
        timeout=TIMEOUT,
    )


def _wrong(token: str) -> Iterator[str]:
    """Give what is not a token, and tokens with another header, body or signature."""
    yield "nonsense"
    parts = token.split(".")
    for index, part in enumerate(parts):
        other = "A" if part[10] != "A" else "B"
        yield ".".join([*parts[:index], part[:10] + other + part[11:], *parts[index + 1 :]])
