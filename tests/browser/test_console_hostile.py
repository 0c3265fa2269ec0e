"""Whatever people named things: on every page about them it stays text, and nothing runs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import String

from authserver.schema import metadata
from tests.admin.crawling import links
from tests.browser import walk_clients, walk_people, walk_webhooks
from tests.browser.walk_console import enter
from tests.support.chromium import watched_page
from tests.support.demo import Demo, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]

HOSTILE = (
    "\"'></title></textarea></script><script>alert(1)</script><img src=x onerror=alert(1)>"
    "<svg onload=alert(1)><style>*{display:none}</style>{{7*7}}${7*7}\u202e=1+1"
)
LINK = "javascript:alert(1)"
NAMES = {
    *("name", "label", "title", "description", "reason", "note", "given_name", "family_name"),
    # What others answered, and addresses as people wrote them; accounts are found by other columns.
    *("error", "last_error", "answer", "failure", "hint", "email", "address"),
}
LINKS = {"url", "website", "policy_uri", "tos_uri", "logo_uri"}
PLACES = ("/console", "/account", "/partner")
MOST = 150
# The database refuses; what these say comes from elsewhere.
NEVER_CHANGED = {"builtin_roles", "consent_records", "consent_texts"} | {
    name for name in metadata.tables if name.startswith("audit_")
}


@pytest.fixture(name="poisoned", scope="module")
def _poisoned(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Demo]:
    """Run a demo in which every name is an attack, behind the back of what checks names.

    Before, its administrators did what leaves something on most screens.
    """
    with running_demo(tmp_path_factory.mktemp("hostile")) as demo:
        for walk in (walk_people.people, walk_clients.apis, walk_webhooks.webhooks):
            with watched_page(chromium) as (page, _):
                walk(page, demo, lambda _name: None)
        poison(demo.installation.data_dir)
        yield demo


def poison(folder: Path) -> None:
    """Put attacks into every column that holds a name, and into every link."""
    (file,) = folder.glob("*.db")
    with sqlite3.connect(file, timeout=20) as database:
        for table in metadata.sorted_tables:
            for column in table.c:
                value = HOSTILE if column.name in NAMES else LINK if column.name in LINKS else None
                is_text = isinstance(column.type, String)  # and nothing that is encrypted
                if value is None or not is_text or table.name in NEVER_CHANGED:
                    continue
                database.execute(
                    f"UPDATE {table.name} SET {column.name} = ? || rowid"  # noqa: S608  our names
                    f" WHERE {column.name} IS NOT NULL",
                    (value,),
                )
    database.close()


def screens(page: Page, demo: Demo) -> Iterator[str]:
    """Go to every page that links lead to."""
    waiting, seen = [*PLACES], {*PLACES}
    while waiting and len(seen) < MOST:
        url = waiting.pop(0)
        page.goto(f"{demo.issuer}{url}")
        yield url
        for found in links(page.content()):
            is_screen = found.startswith(PLACES) and "format=csv" not in found
            if is_screen and "cursor=" not in found and found not in seen:
                seen.add(found)
                waiting.append(found)


@pytest.mark.parametrize("who", ["admin@acme.test", "admin@globex.test"])
def test_nothing_that_people_typed_runs_on_any_page(
    chromium: Browser, poisoned: Demo, who: str
) -> None:
    named = HOSTILE.replace("\u202e", "")  # which no header can hold
    with watched_page(chromium, user_agent=named) as (page, watch):
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        enter(page, poisoned, who)
        met = set()
        for url in screens(page, poisoned):
            assert page.locator("h1").count() == 1, url
            assert page.locator("img[src=x], main style, script:not([src])").count() == 0, url
            assert page.locator('[href^="javascript:"]').count() == 0, url
            assert "49" not in page.title(), url
            if "onload=alert(1)" in page.inner_text("body"):
                met.add(url)
        assert dialogs == []
        assert watch.complaints == []
        assert watch.strangers == []
        assert len(met) > 12, met


def test_nothing_that_is_typed_into_a_form_runs_when_it_comes_back(
    chromium: Browser, poisoned: Demo
) -> None:
    with watched_page(chromium) as (page, watch):
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        enter(page, poisoned, "admin@acme.test")
        page.goto(f"{poisoned.issuer}/console/tenants/new")
        for field in page.locator("main input[type=text], main textarea").all():
            field.fill(HOSTILE)
        page.locator("main form button[type=submit]").click()
        page.locator(".callout-error").wait_for()
        assert page.locator("#name").input_value() == HOSTILE
        page.goto(f"{poisoned.issuer}/console/tenants?type=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        assert page.locator("main script").count() == 0
        assert dialogs == []
        assert watch.complaints == []
