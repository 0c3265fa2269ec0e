"""What is read aloud names what is seen, and what is secret is typed unseen: on every page."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from tests.support.rows import each
from tests.unit.templates.conftest import CASES

Show = Callable[..., Any]
LANGUAGES = ("en", "de", "fr", "es")
SECRETS = {"current-password", "new-password"}
NAMED = re.compile(r'<(a|button|summary)\b[^>]*\baria-label="([^"]*)"[^>]*>(.*?)</\1>', re.DOTALL)
# By these a page would hear of a paste, and could refuse it (ASVS 6.2.7).
HANDLERS = {"onpaste", "oncopy", "oncut", "ondrop", "onbeforeinput", "oninput", "onkeydown"}


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split()).casefold()


@each(case=CASES, language=LANGUAGES)
def test_who_says_what_a_button_shows_is_understood(show: Show, case: str, language: str) -> None:
    """WCAG 2.5.3: the name of what is pressed holds the words that are seen on it."""
    page = show(case, language)
    for _, name, content in NAMED.findall(page.html):
        seen = plain(content)
        assert all(word in plain(name) for word in seen.split()), (name, seen)


@each(case=CASES)
def test_every_password_is_typed_unseen_and_can_be_shown(show: Show, case: str) -> None:
    page = show(case)
    secret = [
        field
        for field in page.all("input")
        if field.get("autocomplete") in SECRETS or "password" in field.get("name", "")
    ]
    assert secret == page.all("input", type="password")
    for field in secret:
        assert field["autocomplete"] in SECRETS
        assert "value" not in field
        assert page.all("button", **{"data-reveal": field["id"], "type": "button"})


@each(case=CASES)
def test_no_page_hears_of_a_paste(show: Show, case: str) -> None:
    page = show(case)
    assert not [found for _, attributes in page.elements for found in HANDLERS & set(attributes)]


def test_no_script_hears_of_a_paste(static_folder: Any) -> None:
    for script in static_folder.glob("js/*.js"):
        assert not re.search(r"paste|beforeinput|\"drop\"", script.read_text()), script.name
