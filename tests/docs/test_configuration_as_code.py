"""docs/configuration-as-code.md: its file is planned, made so, and written down."""

from pathlib import Path

import pytest

from tests.docs.reader import Reader

pytestmark = pytest.mark.processes


def test_the_file_of_the_page_is_made_so_and_changes_nothing_twice(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    reader.type("init")
    reader.follow("docs/configuration-as-code.md")
    reader.save("globex.yaml")
    said = reader.type("planned, made so, written down")
    assert said.count("+ tenants.globex.roles.night-shift\n") == 2
    assert "Everything was so already." in said
    assert "night-shift" in (tmp_path / "there-is.yaml").read_text()
