"""docs/operations.md: an installation of one role goes over to two, and says whether walls hold."""

import json
import os
import re
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.docs.reader import Reader
from tests.support.databases import postgresql_database

pytestmark = pytest.mark.processes

PAGE = "docs/operations.md"
ASKED = "is the wall there?"


def test_an_installation_goes_over_to_two_roles_as_the_page_says(tmp_path: Path) -> None:
    reader = Reader(PAGE, tmp_path)
    for owner in postgresql_database():
        role = f"server_{os.urandom(6).hex()}"
        url = make_url(owner).set(username=role, password="change-me")
        place = "@localhost:5432/authserver"
        reader.put(
            {
                f"postgresql+psycopg://authserver_server:change-me{place}": url.render_as_string(
                    hide_password=False
                ),
                f"postgresql+psycopg://authserver:old-one{place}": owner,
            }
        )
        reader.command(f"export AUTHSERVER_DATABASE_URL={owner}; authserver init")
        alone = f"AUTHSERVER_DATABASE_URL={owner} authserver db check --json"
        assert json.loads(reader.command(alone))["row_security"] is False
        engine = create_engine(owner, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            made = reader.page.block("a role for the server").text
            connection.execute(text(re.sub(r"\bauthserver_server\b", role, made)))
        reader.type("go over to two roles")
        assert json.loads(reader.type(ASKED))["row_security"] is True
        with engine.connect() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        engine.dispose()
