"""The rules of a new password, and its strength, while somebody types: in the browser alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import render_template_string
from playwright.sync_api import Browser, Page, expect

from authserver.accounts.passwords.policy import About, rules_of
from authserver.accounts.passwords.strength import strength
from tests.support.source import ROOT
from tests.unit.templates.conftest import make_app

pytestmark = pytest.mark.browser

SOURCE = """{% from "_password_meter.html" import password_meter with context %}<!doctype html>
<title>x</title><form><input name="username" value="{{ about.email }}" readonly>
<input name="name" value="{{ about.name }}"><label>New <input id="new-password" type="password"
aria-describedby="new-password-rules"></label>{{ password_meter(rules) }}</form>"""
ABOUT = About("ada.lovelace@example.com", "Ada Lovelace", "globex", "Globex Industries")
WORDS = ("", "weak", "fair", "good", "strong")
TENANT = {"name": ABOUT.organization}


@pytest.fixture
def typed(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the partial of a preset, and refuse every request that it would make."""
    app = make_app()
    with app.test_request_context():
        html = render_template_string(
            SOURCE, rules=rules_of(request.param), about=ABOUT, tenant=TENANT
        )
    page = chromium.new_page()
    sent: list[str] = []
    page.route("**", lambda route: (sent.append(route.request.url), route.abort()))
    page.set_content(html)
    page.add_script_tag(content=(ROOT / "static/js/password.js").read_text())
    asked = list(sent)
    yield page
    assert sent == asked
    page.close()


def kept(page: Page) -> list[Any]:
    return page.eval_on_selector_all("[data-kept]", "all => all.map(one => one.dataset.rule)")


@pytest.mark.parametrize("typed", ["classic"], indirect=True)
def test_each_rule_is_ticked_off_as_it_is_kept_and_what_is_missing_is_read_out(
    typed: Page,
) -> None:
    field, status = typed.get_by_label("New"), typed.get_by_role("status")
    assert kept(typed) == []
    field.fill("abc")
    assert kept(typed) == ["lower"]
    expect(status).to_have_text(
        "Still missing: at least 8 characters, an upper-case letter, a digit"
    )
    field.fill("Correct-Horse-7")
    assert kept(typed) == ["length", "upper", "lower", "digit"]
    expect(status).to_have_text("Everything that can be seen while typing is there.")
    field.fill("")
    assert kept(typed) == []
    expect(status).to_be_empty()


@pytest.mark.parametrize("typed", ["nist"], indirect=True)
def test_characters_are_counted_as_the_server_counts_them(typed: Page) -> None:
    field = typed.get_by_label("New")
    for password, long_enough in (
        ("\U0001f40e" * 14, False),
        ("\U0001f40e" * 15, True),
        ("e\u0301" * 14, False),
        ("e\u0301" * 15, True),
    ):
        field.fill(password)
        assert (kept(typed) == ["length"]) == long_enough


def level(page: Page, password: str) -> int:
    """Type a password; return how many segments are lit, after comparing them with the word."""
    page.get_by_label("New").fill(password)
    lit, word = page.evaluate(
        """() => {
          const box = document.querySelector("[data-estimate]");
          return [Number(box.dataset.estimate), box.querySelector("strong").textContent];
        }"""
    )
    assert word == WORDS[lit]
    return int(lit)


@pytest.mark.parametrize("typed", ["classic"], indirect=True)
def test_the_meter_moves_while_typing_and_is_read_out(typed: Page) -> None:
    box = typed.locator("[data-estimate]")
    expect(box).to_be_visible()
    expect(box.locator("[aria-live=polite]")).to_be_empty()
    levels = [level(typed, "Kq7-amber kettle lamp"[:count]) for count in range(22)]
    assert levels == sorted(levels)
    assert (levels[0], levels[1], levels[-1]) == (0, 1, 4)
    assert set(levels) == {0, 1, 2, 3, 4}
    assert level(typed, "") == 0


@pytest.mark.parametrize("typed", ["classic"], indirect=True)
@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple", "CORRECT-HORSE-7", "Correct-Horse-Battery", "Kq7-aB",
    ],
)  # fmt: skip
def test_while_a_rule_is_not_met_it_is_weak(typed: Page, password: str) -> None:
    assert level(typed, password) == 1


@pytest.mark.parametrize("typed", ["classic"], indirect=True)
def test_what_the_server_refuses_is_weak_here_too(typed: Page) -> None:
    rules = rules_of("classic")
    for password in (
        "Password1", "P@ssw0rd123", "Aaaaaaaa1", "Abc1Abc1Abc1Abc1", "Lovelace7", "AdaLovelace77",
        "Globex2026", "Ada.Lovelace@example.com1", "Industries1", "Welcome123", "Trustno1",
    ):  # fmt: skip
        assert strength(password, rules, ABOUT).score <= 2, password
        assert level(typed, password) == 1, password
    for row in ("Qwertyuiop1", "Asdfghjkl1", "Abcdefgh1", "1Q2w3e4r", "Zyxwvuts98"):
        assert level(typed, row) == 1, row


@pytest.mark.parametrize("typed", ["nist"], indirect=True)
def test_several_words_are_a_good_password(typed: Page) -> None:
    assert level(typed, "lamp river stone cat") == 4
    assert level(typed, "aaaaaaaaaaaaaaaaaaaa") == 1
    assert level(typed, "lamplamplamplamplamp") == 1
    assert level(typed, "lovelaceindustries!!") == 1


@pytest.mark.parametrize("typed", ["classic"], indirect=True)
def test_the_longest_password_costs_no_time(typed: Page) -> None:
    field = typed.get_by_label("New")
    field.evaluate("field => { field.value = 'aB3-x'.repeat(800) + '!'; }")
    took = field.evaluate(
        """field => { const begun = performance.now();
          field.dispatchEvent(new Event("input")); return performance.now() - begun; }"""
    )
    assert took < 50
