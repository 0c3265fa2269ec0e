"""docs/tenants.md: looks, limits, addresses, issuer, archive and copy of a tenant."""

from pathlib import Path

import pytest

from tests.docs.reader import Reader
from tests.support.pictures import picture

pytestmark = pytest.mark.processes


def test_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    reader.type("init")
    reader.follow("docs/tenants-and-roles.md")
    reader.type("create")
    reader.follow("docs/tenants.md")
    (tmp_path / "lotus.png").write_bytes(picture())
    (tmp_path / "passphrase").write_text("correct horse battery\n")
    said = reader.type("a tenant's looks")
    assert "accent #0a7d55" in said
    assert "lotus has a new logo" in said
    assert "users: 0 of 50" in reader.type("limits and flags")
    assert "addresses of lotus.example" in reader.type("domains of addresses")
    assert "/t/lotus" in reader.type("an own issuer")
    said = reader.type("away and back")
    assert "is archived" in said
    assert "works again" in said
    said = reader.type("a copy")
    assert "Wrote lotus to lotus.copy" in said
    assert "users.password_hash" in said
