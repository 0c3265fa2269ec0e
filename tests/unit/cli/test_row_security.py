"""The owner's role and the server's, as operators meet them: init, db upgrade, db check, serve."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.support.commands import Said, forked
from tests.support.databases import postgresql_database

PASSWORD = "Correct/Horse:7"


class Place:
    """An empty database, its owner, and a role that the server is to have."""

    def __init__(self, owner_url: str, data_dir: Path) -> None:
        self.owner_url, self.data_dir = owner_url, data_dir
        self.role = f"server_{os.urandom(4).hex()}"
        url = make_url(owner_url).set(username=self.role, password=PASSWORD)
        self.url = url.render_as_string(hide_password=False)

    def run(self, *arguments: str, url: str = "", owner: str | None = None) -> Said:
        ours = {name: value for name, value in os.environ.items() if "AUTHSERVER" not in name}
        chosen = {
            "AUTHSERVER_DATA_DIR": str(self.data_dir),
            "AUTHSERVER_DATABASE_URL": url or self.url,
            "AUTHSERVER_DATABASE_OWNER_URL": self.owner_url if owner is None else owner,
        }
        return forked(arguments, "", ours | chosen, None, 60)

    def sql(self, statement: str, **values: str) -> object:
        engine = create_engine(self.owner_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.execute(text(statement), values)
            found = result.scalar() if result.returns_rows else None
        engine.dispose()
        return found


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    for owner_url in postgresql_database():
        place = Place(owner_url, tmp_path / "data")
        yield place
        place.sql(f"DROP OWNED BY {place.role}")
        place.sql(f"DROP ROLE {place.role}")


def test_init_makes_the_servers_role_and_the_server_works_as_it(place: Place) -> None:
    done = place.run("init")
    assert done.code == 0, done.stderr
    stored = place.sql("SELECT rolpassword FROM pg_authid WHERE rolname = :name", name=place.role)
    assert str(stored).startswith("SCRAM-SHA-256$")
    # From here on the owner is not needed.
    made = place.run("tenants", "create", "acme", "--name", "A", "--type", "customer", owner="")
    assert made.code == 0, made.stderr
    checked = place.run("db", "check", "--json", owner="")
    assert '"row_security": true' in checked.stdout
    again = place.run("db", "upgrade")
    assert f"The role {place.role} may work with it." in again.stdout
    refused = place.run("db", "upgrade", url=place.url, owner=place.url)
    assert refused.code == 1
    assert "another role" in refused.stderr


def test_a_new_table_is_the_servers_after_the_next_upgrade(place: Place) -> None:
    assert place.run("init").code == 0
    place.sql("CREATE TABLE later (id int)")
    allowed = "SELECT has_table_privilege(:name, 'later', 'INSERT')"
    assert place.sql(allowed, name=place.role) is False
    assert place.run("db", "upgrade").code == 0
    assert place.sql(allowed, name=place.role) is True


def test_a_role_behind_which_no_wall_stands_is_refused(place: Place) -> None:
    place.sql(f"CREATE ROLE {place.role} LOGIN BYPASSRLS PASSWORD '{PASSWORD}'")
    done = place.run("init")
    assert done.code == 1
    assert "row security would not hold" in done.stderr
    place.sql(f"ALTER ROLE {place.role} NOBYPASSRLS")
    assert place.run("init").code == 0
    place.sql(f"ALTER ROLE {place.role} BYPASSRLS")
    checked = place.run("db", "check")
    assert checked.code == 1
    assert "row security does not bind the role" in checked.stderr


def test_a_hole_is_found(place: Place) -> None:
    assert place.run("init").code == 0
    place.sql("DROP POLICY tenant ON users")
    checked = place.run("db", "check", owner="")
    assert checked.code == 1
    assert "users has the policies [], not ['tenant']" in checked.stderr


def test_an_installation_of_one_role_goes_on_and_says_that_the_wall_is_not_there(
    place: Place,
) -> None:
    place.sql(f"CREATE ROLE {place.role}")
    alone = {"url": place.owner_url, "owner": ""}
    assert place.run("init", **alone).code == 0
    checked = place.run("db", "check", **alone)
    assert checked.code == 0
    assert "Row security does not hold" in checked.stdout
