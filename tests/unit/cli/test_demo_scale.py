"""`authserver demo --scale`: many people, who are like those that the services make."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from authserver.accounts.models import User
from authserver.accounts.service import find_by_email
from authserver.clients.models import Client
from authserver.core.clock import SystemClock
from authserver.demo.people import PASSWORD
from authserver.demo.scale import Scale, address, client_secret, slug
from authserver.settings import from_environment
from authserver.tenants.service import get_by_slug
from authserver.wiring.services import Services, build
from tests.support.commands import Said, forked
from tests.support.databases import as_worker, postgresql_database

PEOPLE = 4_000


class Place:
    """An empty database of PostgreSQL, with its owner and the server's role."""

    def __init__(self, owner_url: str, data_dir: Path) -> None:
        self.environ = {
            "AUTHSERVER_DATA_DIR": str(data_dir),
            "AUTHSERVER_DATABASE_URL": as_worker(owner_url),
            "AUTHSERVER_DATABASE_OWNER_URL": owner_url,
        }

    def load(self, **other: str) -> Said:
        ours = {name: value for name, value in os.environ.items() if "AUTHSERVER" not in name}
        asked = ("demo", "--scale", "--people", str(PEOPLE), "--json")
        return forked(asked, "", ours | self.environ | other, None, 120)

    def services(self) -> Services:
        return build(from_environment(self.environ), SystemClock())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    for owner_url in postgresql_database():
        yield Place(owner_url, tmp_path / "data")


def test_as_many_as_asked_for_are_there_and_work(place: Place) -> None:
    done = place.load()
    assert done.code == 0, done.stderr
    counts = {"tenants": 4, "people": PEOPLE, "clients": 40, "made": True, "password": PASSWORD}
    assert json.loads(done.stdout) == counts
    assert json.loads(place.load().stdout) == {"made": False}
    services = place.services()
    with services.database.read() as view:
        for number, count in enumerate((2_000, 667, 667, 666)):
            tenant = get_by_slug(view, slug(number))
            session = view.tenant(tenant.id)
            others = User.email != "model@scale.test"
            people = session.scalars(select(User).where(others).order_by(User.name_key)).all()
            assert len(people) == count
            # Found by name, whoever they are.
            assert all(one.name_key for one in people)
            assert find_by_email(view, tenant.id, address(count - 1, number)) is not None
            hashed = people[0].password_hash
            client = session.scalars(select(Client).order_by(Client.id.desc())).first()
            assert client is not None
    assert services.hasher.verify(PASSWORD, hashed).ok
    services.database.close()
    _fetch_a_token(place, client.id)


def _fetch_a_token(place: Place, client_id: str) -> None:
    from authserver.app import create_app  # noqa: PLC0415  slow to import

    app = create_app(from_environment(place.environ))
    pair = base64.b64encode(f"{client_id}:{client_secret(client_id)}".encode()).decode()
    answer = app.test_client().post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
        base_url="http://localhost:8000",
    )
    assert answer.status_code == 200, answer.text
    app.extensions["authserver"].database.close()


def test_it_takes_postgresql_and_the_role_that_owns_the_tables(place: Place) -> None:
    refused = place.load(AUTHSERVER_DATABASE_URL="", AUTHSERVER_DATABASE_OWNER_URL="")
    assert refused.code == 1
    assert "PostgreSQL" in json.loads(refused.stdout)["detail"]
    assert place.load().code == 0
    refused = place.load(AUTHSERVER_DATABASE_OWNER_URL="")
    assert refused.code == 1
    assert "AUTHSERVER_DATABASE_OWNER_URL" in json.loads(refused.stdout)["detail"]


@pytest.mark.parametrize("people", [2_000, 2_001, 123_457, 1_000_000])
def test_everybody_has_a_tenant(people: int) -> None:
    scale = Scale(people)
    assert sum(scale.people_of(place) for place in range(scale.tenants)) == people
    assert scale.people_of(0) == people // 2
