"""Every text is there in every language, whole, current, and polite."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

Show = Callable[..., Any]

LOCALES = ["de", "fr", "es"]
INFORMAL = {
    "de": r"\b(du|dich|dir|dein\w*)\b",
    "fr": r"\b(tu|toi|ton|ta|tes)\b",
    "es": r"\b(tú|ti|tu|tus|contigo)\b",
}


@pytest.fixture(params=LOCALES)
def locale(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def catalogue(translations_folder: Path, locale: str) -> Catalog:
    with (translations_folder / locale / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=locale)


@pytest.fixture(scope="session")
def texts(extracted: Path) -> list[Message]:
    with extracted.open("rb") as source:
        return [message for message in read_po(source) if message.id]


def forms(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def marks(text: str) -> list[str]:
    """Return the placeholders and tags, which a translation may move but not lose."""
    return sorted(re.findall(r"%\(\w+\)[a-z]|</?[a-z]+>", text))


def test_texts_are_found_at_all(texts: list[Message]) -> None:
    assert "Sign in" in {message.id for message in texts}


def test_every_text_is_translated(texts: list[Message], catalogue: Catalog) -> None:
    found = [catalogue.get(text.id, text.context) for text in texts]
    missing = [t.id for t, m in zip(texts, found, strict=True) if not m or not all(forms(m.string))]
    assert missing == []


def test_every_plural_form_is_there(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.pluralizable:
            assert len(forms(message.string)) == catalogue.num_plurals


def test_no_translation_is_fuzzy(catalogue: Catalog) -> None:
    assert not catalogue.fuzzy
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_no_translation_is_left_over(texts: list[Message], catalogue: Catalog) -> None:
    wanted = {(text.id, text.context) for text in texts}
    assert [m.id for m in catalogue if m.id and (m.id, m.context) not in wanted] == []
    assert not catalogue.obsolete


def test_placeholders_and_tags_survive_translation(catalogue: Catalog) -> None:
    for message in catalogue:
        if message.id:
            assert list(message.check(catalogue)) == []
            last = forms(message.id)[-1]
            assert marks(forms(message.string)[-1]) == marks(last), last


def test_the_compiled_catalogue_is_current(
    translations_folder: Path, locale: str, catalogue: Catalog
) -> None:
    with (translations_folder / locale / "LC_MESSAGES" / "messages.mo").open("rb") as compiled:
        shipped = {(forms(m.id), m.context): forms(m.string) for m in read_mo(compiled) if m.id}
    assert shipped == {(forms(m.id), m.context): forms(m.string) for m in catalogue if m.id}


def test_people_are_addressed_formally(locale: str, catalogue: Catalog) -> None:
    for message in catalogue:
        for text in forms(message.string) if message.id else ():
            assert not re.search(INFORMAL[locale], text, re.IGNORECASE), text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Sign in"), ("de", "Anmelden"), ("fr", "Se connecter"), ("es", "Iniciar sesión")],
)
def test_the_pages_speak_the_language(show: Show, language: str, words: str) -> None:
    assert words in show("password", language).text


def test_several_accounts_are_counted_in_every_language(show: Show) -> None:
    assert "In diesem Browser sind 2 Konten angemeldet." in show("home", "de").text


def test_no_visible_word_of_a_page_escapes_translation(
    show_pseudo: Show, case: str, own_words: list[str]
) -> None:
    page = show_pseudo(case, correlation_id="0")
    text = "\n".join(page.text)
    for word in [*own_words, "authserver"]:
        text = text.replace(word, "")
    assert re.findall(r"[^\W\d_]+", text) == []


def untranslated(source: str) -> list[str]:
    """Return the words of a template that stand outside tags, expressions and trans blocks."""
    environment = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    plain, block, inside = [], None, False
    for _, kind, value in environment.lex(source):
        if kind == "block_begin":
            block = ""
        elif kind == "name" and block == "":
            block = value
            inside = value == "trans" or (inside and value != "endtrans")
        elif kind == "data":
            plain.append(" " if inside else value)
    text = re.sub(r"<[^>]*>", " ", " ".join(plain))
    return re.findall(r"[^\W\d_]+", text)


def test_no_branch_of_a_template_holds_bare_words(template_sources: dict[str, str]) -> None:
    # The demo stands for somebody else's application, a relying party: it speaks English only, and
    # its words have no place in the catalogues of this server.
    ours = {name: s for name, s in template_sources.items() if not name.startswith("demo/")}
    assert {name: words for name, s in ours.items() if (words := untranslated(s))} == {}


def test_the_search_for_bare_words_finds_them() -> None:
    source = (
        "<p title='x'>{% trans %}good{% endtrans %} {{ _('fine') }} bad{% if a %}worse{% endif %}"
    )
    assert untranslated(source) == ["bad", "worse"]
