"""docs/certification.md: a server is set up for the plans, and the suite finds what it fills in."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.pages import Page
from tests.docs.reader import ADA, Reader, following
from tests.spec.tools import Stage, stage
from tests.support.browser import Browser
from tests.support.world import World

PAGE = "docs/certification.md"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with following(PAGE, tmp_path_factory.mktemp("certifying")) as reader:
        yield reader


@pytest.mark.processes
def test_a_server_is_set_up_as_the_page_says(reader: Reader) -> None:
    reader.type("say everything of a person")
    said = reader.type("register the static clients")
    assert len(re.findall(r"client_id\s+(cli_\S+)", said)) == 2
    assert all(reader.register("register a client that posts its secret"))
    assert "iat_" in reader.type("let the suite register clients")
    assert "next" in reader.type("rotate the keys")


def tasks() -> dict[str, dict[str, Any]]:
    """Return what the suite's browser does, by the page on which it does it."""
    configuration = json.loads(Page.read(PAGE).block("configuration of the suite").text)
    each = [task for match in configuration["browser"] for task in match["tasks"]]
    return {task["match"].rpartition("example.com")[2].rstrip("*"): task for task in each}


def ids(path: str, *, needed: bool = False) -> list[str]:
    commands = [one for one in tasks()[path]["commands"] if not (needed and "optional" in one)]
    return [f'id="{command[2]}"' for command in commands]


@pytest.fixture
def on(world: World) -> Stage:
    return stage(world)


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_what_the_suite_fills_in_is_on_the_pages(on: Stage, language: str) -> None:
    browser = on.browser()
    page = browser.follow(browser.authorize(on.client, ui_locales=language))
    assert [one for one in ids("/login/password") if one not in page.text] == []
    consent = browser.follow(browser.follow(browser.sign_in(page, on.person)))
    assert [one for one in ids("/login/consent") if one not in consent.text] == []
    browser.submit(consent, decision="allow")
    again = browser.follow(browser.authorize(on.client, prompt="login"))
    assert [one for one in ids("/login/password", needed=True) if one not in again.text] == []


def test_signing_out_is_one_button(on: Stage) -> None:
    browser: Browser = on.browser()
    browser.complete(on.client, on.person)
    page = browser.follow(browser.get("/oauth/logout"))
    assert [one for one in ids("/login/logout") if one not in page.text] == []


def test_the_page_signs_in_whom_the_readme_makes() -> None:
    typed = [command[3] for command in tasks()["/login/password"]["commands"][:2]]
    assert typed == [ADA.email, ADA.password]
