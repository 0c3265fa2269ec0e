"""The rules of a new password, as a page includes them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_babel import force_locale

from authserver.accounts.passwords.policy import About, Rules, rules_of
from authserver.accounts.passwords.strength import Strength, strength
from tests.unit.templates.conftest import Page

SOURCE = """{% from "_password_meter.html" import password_meter with context %}
<label for="new-password">x</label>
<input id="new-password" type="password" aria-describedby="new-password-rules">
{{ password_meter(rules, strength) }}"""
CLASSIC, NIST = rules_of("classic"), rules_of("nist")
ADA = About("ada@example.com", "Ada", "acme", "Acme")

Meter = Callable[..., Any]


@pytest.fixture
def meter(app: Flask) -> Meter:
    def shown(rules: Rules, weak: Strength | None = None, locale: str = "en") -> Page:
        with app.test_request_context(), force_locale(locale):
            return Page(render_template_string(SOURCE, rules=rules, strength=weak))

    return shown


def ticked(page: Page) -> list[str]:
    return [attributes["data-rule"] for _, attributes in page.elements if "data-rule" in attributes]


def test_the_rules_of_the_preset_are_listed_and_given_to_the_script(meter: Meter) -> None:
    classic, nist = meter(CLASSIC), meter(NIST)
    assert ticked(classic) == ["length", "upper", "lower", "digit"]
    assert ticked(nist) == ["length"]
    box = nist.all("div")[0]
    assert (box["data-password-meter"], box["data-shortest"], box["data-longest"]) == (
        "new-password",
        "15",
        "4096",
    )
    assert "at least 15 characters" in nist.text
    assert "at least 8 characters" in classic.text


@pytest.mark.parametrize("locale", ["en", "de", "fr", "es"])
def test_without_a_script_no_estimate_is_shown(meter: Meter, locale: str) -> None:
    page = meter(CLASSIC, locale=locale)
    (box,) = [one for one in page.all("div") if "data-estimate" in one]
    assert "hidden" in box
    assert len(set(box["data-words"].split("|"))) == 4
    assert page.all("strong")[0]["aria-live"] == "polite"


def test_the_field_is_described_by_the_rules_and_what_changes_is_read_out(meter: Meter) -> None:
    page = meter(CLASSIC)
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert page.all("input")[0]["aria-describedby"] in ids
    assert page.all("p", role="status")[0]["aria-live"] == "polite"
    assert not page.misnested
    assert not page.open


def test_a_refused_password_shows_its_strength_and_every_reason(meter: Meter) -> None:
    page = meter(CLASSIC, strength("acme", CLASSIC, ADA))
    (measure,) = page.all("meter")
    assert (measure["min"], measure["max"], measure["value"]) == ("0", "4", "1")
    assert {"for": measure["id"]} in page.all("label")
    for sentence in ("Use at least 8 characters.", "Use a digit."):
        assert sentence in page.text
    assert "weak" in page.text
    assert "This is mostly the organization's name, which others know." in page.text
    assert not page.misnested


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de", "Verwenden Sie mindestens 15 Zeichen."),
        ("fr", "Utilisez au moins 15 caractères."),
        ("es", "Use al menos 15 caracteres."),
    ],
)
def test_the_reasons_are_told_in_the_persons_language(
    meter: Meter, locale: str, words: str
) -> None:
    assert words in meter(NIST, strength("x", NIST, ADA), locale).text


def test_the_password_itself_is_nowhere_on_the_page(meter: Meter) -> None:
    canary = "Canary-acme-77"
    assert canary not in meter(NIST, strength(canary, NIST, ADA)).html


def test_the_script_knows_the_rules_of_the_partial_and_sends_nothing(
    meter: Meter, static_folder: Any
) -> None:
    script = (static_folder / "js" / "password.js").read_text()
    known = re.findall(r"^  (\w+): ", script, re.MULTILINE)
    assert set(ticked(meter(CLASSIC))) == set(known)
    assert not re.search(r"fetch|XMLHttpRequest|sendBeacon|WebSocket|localStorage", script)


def test_every_field_for_a_password_is_the_one_of_the_macro(
    template_sources: dict[str, str],
) -> None:
    own = [name for name, text in template_sources.items() if 'type="password"' in text]
    assert own == ["_password_field.html"]


@pytest.mark.parametrize("weak", [None, strength("acme", CLASSIC, ADA)])
def test_a_new_password_is_named_described_and_never_filled_in(
    app: Flask, weak: Strength | None
) -> None:
    source = """{% from "_password_field.html" import new_password_field with context %}
    {{ new_password_field(rules, strength, field="new", focus=True) }}"""
    with app.test_request_context():
        page = Page(render_template_string(source, rules=CLASSIC, strength=weak))
    (field,) = page.all("input")
    assert (field["name"], field["autocomplete"]) == ("new", "new-password")
    assert "value" not in field
    assert "autofocus" in field
    assert field["aria-describedby"].split() == ["alert", "new-rules"][weak is None :]
    assert ("aria-invalid" in field) == (weak is not None)
    assert page.all("label")[0]["for"] == page.all("button")[0]["data-reveal"] == "new"
