"""The rules of a new password, ticked off while somebody types: in the browser alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import render_template_string
from playwright.sync_api import Browser, Page, expect

from authserver.accounts.passwords.policy import rules_of
from tests.support.source import ROOT
from tests.unit.templates.conftest import make_app

pytestmark = pytest.mark.browser

SOURCE = """{% from "_password_meter.html" import password_meter with context %}<!doctype html>
<title>x</title><label>New <input id="new-password" type="password"
aria-describedby="new-password-rules"></label>{{ password_meter(rules) }}"""


@pytest.fixture
def typed(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open the partial of a preset, and refuse every request that it would make."""
    app = make_app()
    with app.test_request_context():
        html = render_template_string(SOURCE, rules=rules_of(request.param))
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
