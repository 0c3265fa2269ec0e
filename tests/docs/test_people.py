"""docs/people.md: people are found and imported as the page says."""

from pathlib import Path

import pytest

from authserver.people.importing.reading import COLUMNS
from tests.docs.pages import Page
from tests.docs.reader import Reader
from tests.support.source import ROOT

pytestmark = pytest.mark.processes
NAME = "docs/people.md"


def test_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    reader.type("init")
    reader.follow(NAME)
    assert "Émile Zola" in reader.type("find people")
    (file,) = [block.text for block in Page.read(NAME).blocks if block.language == "csv"]
    (tmp_path / "people.csv").write_text(file)
    said = reader.type("import people")
    assert said.count("row 3: email unusable") == 2
    assert "2 imports of tulip" in said


def test_the_page_names_every_column() -> None:
    text = (ROOT / NAME).read_text()
    details = {"given_name", "family_name", "phone_number", "phone_number_verified"}
    assert [name for name in (*COLUMNS[:7], *details) if f"`{name}`" not in text] == []
