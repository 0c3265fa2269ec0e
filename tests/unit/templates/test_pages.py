"""Every hosted page is whole, speaks to assistive technology, and sends what its view expects."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.rows import each
from tests.unit.templates.conftest import CASES

Show = Callable[..., Any]
DASH = "\N{EN DASH}"


@each(case=CASES)
def test_every_page_is_well_formed_and_names_its_language(show: Show, case: str) -> None:
    page = show(case, "de")
    assert page.html.startswith("<!doctype html>")
    assert not page.misnested
    assert not page.open
    assert page.all("html") == [{"lang": "de", "dir": "ltr"}]
    assert page.all("meta", name="viewport")
    assert page.all("meta", name="color-scheme", content="light dark")
    assert page.html.count("<title>") == 1


@each(case=CASES)
def test_every_page_has_one_main_heading_and_one_main_part(show: Show, case: str) -> None:
    page = show(case)
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1


@each(case=CASES)
def test_ids_are_unique_and_every_reference_finds_its_target(show: Show, case: str) -> None:
    page = show(case)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            assert set(attributes.get(name, "").split()) <= set(ids)


@each(case=CASES)
def test_every_visible_field_has_a_label_and_an_autocomplete_token(show: Show, case: str) -> None:
    page = show(case)
    labelled = {label["for"] for label in page.all("label")}
    for field in page.all("input"):
        if field["type"] != "hidden":
            assert field["id"] in labelled
            assert field["autocomplete"]


def test_the_title_names_the_page_and_the_tenant(show: Show) -> None:
    assert f"<title>Sign in {DASH} Acme Cloud</title>" in show("password").html
    assert f"<title>Sign in {DASH} authserver</title>" in show("password without a client").html
    assert f"<title>Error: Sign in {DASH} Acme Cloud</title>" in show("password refused").html


def test_a_right_to_left_page_says_so(show: Show) -> None:
    assert show("password", text_direction="rtl").all("html")[0]["dir"] == "rtl"


def test_a_regional_locale_becomes_a_language_tag(show: Show) -> None:
    assert show("password", locale="pt_BR").all("html")[0]["lang"] == "pt-BR"


@pytest.mark.parametrize("kind", ["password", "consent", "logout"])
def test_our_forms_carry_the_csrf_token_and_the_pending_request(show: Show, kind: str) -> None:
    page = show(kind)
    assert page.all("input", name="csrf_token", value="csrf-value")
    assert page.all("input", name="flow", value="req_1")
    assert page.all("form")[0]["method"] == "post"


def test_the_sign_in_form_helps_password_managers(show: Show) -> None:
    page = show("password refused")
    tokens = {field["name"]: field.get("autocomplete") for field in page.all("input")}
    assert tokens["email"] == "username webauthn"
    assert tokens["password"] == "current-password"
    assert tokens["organization"] == "organization"


def test_a_refused_sign_in_keeps_what_was_typed_but_never_the_password(show: Show) -> None:
    page = show("password refused")
    assert page.all("input", name="email")[0]["value"] == "anna@acme.example"
    assert page.all("input", name="organization")[0]["value"] == "acme"
    assert "value" not in page.all("input", name="password")[0]


def test_a_refusal_is_announced_and_tied_to_both_fields(show: Show) -> None:
    page = show("password refused")
    assert page.all("div", role="alert", id="alert")
    for name in ("email", "password"):
        field = page.all("input", name=name)[0]
        assert field["aria-invalid"] == "true"
        assert field["aria-describedby"] == f"alert {name}-error"


def test_a_page_without_an_error_marks_nothing_invalid(show: Show) -> None:
    page = show("password")
    assert "aria-invalid" not in page.html
    assert 'role="alert"' not in page.html


@pytest.mark.parametrize(("email", "focused"), [("", "email"), ("a@b.example", "password")])
def test_the_cursor_stands_in_the_first_empty_field(show: Show, email: str, focused: str) -> None:
    page = show("password", email=email)
    assert [f["name"] for f in page.all("input") if "autofocus" in f] == [focused]


def test_the_organization_is_asked_only_where_it_helps(show: Show) -> None:
    assert not show("password").all("input", name="organization")


def test_consent_names_application_domain_account_scopes_and_resources(show: Show) -> None:
    text = " ".join(show("consent").text)
    wanted = ["Demo Portal", "demo.example", "anna@acme.example", "Acme Cloud"]
    for part in [*wanted, "Read your orders", "Never change one.", "https://api.example/v1"]:
        assert part in text


def test_consent_says_what_is_remembered_and_for_whom(show: Show) -> None:
    text = " ".join(show("consent").text)
    assert "the decision is remembered for Demo Portal and your account anna@acme.example" in text


def test_consent_is_decided_by_two_plain_buttons(show: Show) -> None:
    buttons = show("consent").all("button", name="decision")
    assert [button["value"] for button in buttons] == ["deny", "allow"]
    assert {button["type"] for button in buttons} == {"submit"}


def test_the_form_post_page_carries_the_answer_and_nothing_of_ours(show: Show) -> None:
    page = show("form post")
    hidden = {field["name"]: field["value"] for field in page.all("input")}
    assert hidden == {"code": "abc", "state": "xyz"}
    assert page.all("form")[0]["action"] == "https://demo.example/cb"
    assert len(page.all("button", type="submit")) == 1


def test_the_error_page_shows_reference_status_and_code(show: Show) -> None:
    text = " ".join(show("error").text)
    assert "01937f2c-5b1e-7d04-9c1a-2f7be0a4c9d1" in text
    assert "400 invalid_request" in text


def test_the_home_page_offers_sign_out_only_to_somebody_signed_in(show: Show) -> None:
    assert show("home").all("a", href="/login/logout")
    assert not show("home of nobody").all("a", href="/login/logout")


@each(case=CASES)
def test_what_needs_a_script_is_hidden_until_the_script_shows_it(show: Show, case: str) -> None:
    for button in show(case).all("button", type="button"):
        assert "hidden" in button
