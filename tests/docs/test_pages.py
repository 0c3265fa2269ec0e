"""What holds for every page: nothing unexecuted, no dead link, nothing generated that is old."""

from pathlib import Path

import pytest

from tests.docs.generated import DOCUMENTS
from tests.docs.pages import EXECUTED, PAGES, Page
from tests.support.source import ROOT

TESTS = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))


@pytest.mark.parametrize("name", PAGES)
def test_every_program_and_command_is_executed(name: str) -> None:
    blocks = [block for block in Page.read(name).blocks if block.language in EXECUTED]
    assert [block.text for block in blocks if not block.title] == []
    titles = [block.title for block in blocks]
    assert [title for title in titles if f'"{title}"' not in TESTS] == []
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_says_its_language(name: str) -> None:
    assert [block.text for block in Page.read(name).blocks if not block.language] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = Page.read(name)
    dead = [link for link in page.links if "://" not in link and not _leads(page, link)]
    assert dead == []


@pytest.mark.parametrize("name", PAGES)
def test_every_page_of_the_documentation_is_found_from_the_readme(name: str) -> None:
    assert name == "README.md" or name in Page.read("README.md").links


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_generated_text_is_what_the_code_says(path: Path) -> None:
    assert path.read_text() == DOCUMENTS[path](), "run: python -m tests.docs.generated"


def _leads(page: Page, link: str) -> bool:
    file, _, fragment = link.partition("#")
    target = page.folder / file if file else ROOT / page.name
    if not target.exists():
        return False
    return not fragment or fragment in Page.read(str(target.resolve().relative_to(ROOT))).anchors
