"""Every mail in every language: whole in both forms, translated, linking to the issuer alone."""

import gettext
import re
from email.message import EmailMessage
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest

from authserver.core.clock import SystemClock
from authserver.core.resources import folder
from authserver.delivery.mail import Brand, Renderer
from authserver.delivery.outbox import Content
from authserver.settings import LANGUAGES
from tests.support.rows import each

ISSUER = "https://id.example.com"
BRAND = Brand("Zyx Werke", None, "zyx.example")
# Values no language has in its words.
VALUES = {
    "name": "Qqname", "application": "Qqapp", "address": "203.0.113.9", "browser": "Qqbrowser",
    "time": "2026-11-24", "until": "2026-11-25", "email": "qq@example.com",
    "organization": "Qqorganization", "link": f"{ISSUER}/qq",
    "left": "3", "few": "yes", "passkey": "Qqpasskey", "first": "yes",
    "new_email": "zz@example.com", "inviter": "Qqinviter",
    "provider": "Qqprovider", "sessions_url": f"{ISSUER}/zz", "failures": "7", "times": "3",
    "label": "Qqlabel", "account": "zz@example.org", "client": "Qqclient",
    "key": "Qqkey", "hint": "Qqhint", "service": "Qqservice", "keys_url": f"{ISSUER}/yy",
    "why": "gone", "url": "Qqurl", "number": "4711", "size": "17", "root": "Qqroot",
    "note": "Qqnote",
}  # fmt: skip
TEMPLATES = sorted(p.stem for p in Path(folder("templates"), "mail").glob("*.txt"))
MAILS = [name for name in TEMPLATES if name != "base"]
every_mail = each(template=MAILS, language=LANGUAGES)
WORDS = re.compile(r"[^\W\d_]{4,}")


@cache
def seen(template: str, language: str) -> EmailMessage:
    """Return a mail at which several tests look."""
    render = _renderer()
    return render("msg_1", template, Content("ada@example.com", VALUES, language), tenant_id="t")


@cache
def _renderer() -> Renderer:
    return Renderer(ISSUER, clock=SystemClock(), brand_of=lambda _: BRAND)


def rendered(template: str, language: str, clock: SimpleNamespace) -> EmailMessage:
    render = Renderer(ISSUER, clock=clock, brand_of=lambda _: BRAND)
    content = Content("ada@example.com", VALUES, language)
    return render("msg_1", template, content, tenant_id="ten_1")


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Reading(HTMLParser):
    """What is left of a mail where styles are stripped."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "hr", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@every_mail
def test_both_forms_say_the_same(template: str, language: str) -> None:
    mail = seen(template, language)
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    html = Reading(body(mail, "html"))
    assert html.open == []
    plain = body(mail, "plain")
    assert set(WORDS.findall(plain)) <= set(WORDS.findall(html.text))


@every_mail
def test_every_link_begins_with_the_issuer(template: str, language: str) -> None:
    mail = seen(template, language)
    html = Reading(body(mail, "html"))
    links = [tag[1]["href"] for tag in html.tags if "href" in tag[1]]
    links += re.findall(r"[a-z]+://[^\s<>\"]+", body(mail, "plain") + html.text)
    assert links
    assert all(f"{link}/".startswith(f"{ISSUER}/") for link in links)


@every_mail
def test_a_mail_loads_nothing(template: str, language: str) -> None:
    mail = seen(template, language)
    html = Reading(body(mail, "html"))
    assert {tag for tag, _ in html.tags} <= {
        "html", "head", "meta", "title", "body", "div", "p", "h1", "table", "tr", "td", "hr", "a",
    }  # fmt: skip
    assert not [a for _, attributes in html.tags for a in attributes if a in {"src", "background"}]
    assert "url(" not in body(mail, "html")


@every_mail
def test_a_mail_names_the_tenant_and_the_product(template: str, language: str) -> None:
    mail = seen(template, language)
    for kind in ("plain", "html"):
        for name in ("Zyx Werke", "zyx.example", "authserver"):
            assert name in body(mail, kind)


@every_mail
def test_the_subject_tells_nothing_of_the_person(template: str, language: str) -> None:
    mail = seen(template, language)
    assert mail["Subject"]
    assert "Qq" not in mail["Subject"]
    assert not re.search(r"\d", mail["Subject"])


class Dotted(gettext.NullTranslations):
    """A language of dots: a letter that remains did not pass through gettext."""

    def gettext(self, message: str) -> str:
        parts = re.split(r"(%\(\w+\)s)", message)
        return "".join(p if i % 2 else re.sub(r"\w", "·", p) for i, p in enumerate(parts))

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self.gettext(one if number == 1 else many)


@each(template=MAILS)
def test_no_word_of_a_mail_escapes_translation(
    template: str, clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gettext, "translation", lambda *_, **__: Dotted())
    mail = rendered(template, "de", clock)
    text = " ".join([mail["Subject"], body(mail, "plain"), Reading(body(mail, "html")).text])
    own = (BRAND.name, str(BRAND.website), "authserver", f"{ISSUER}/account/password", ISSUER)
    for data in (*VALUES.values(), *own):
        text = text.replace(data, "")
    assert re.findall(r"[^\W\d_]+", text) == []


@each(template=MAILS, language=[one for one in LANGUAGES if one != "en"])
def test_a_mail_speaks_the_language(template: str, language: str) -> None:
    english, other = (seen(template, one) for one in ("en", language))
    assert english["Subject"] != other["Subject"]
    assert "We never ask" not in body(other, "plain") + body(other, "html")


@each(template=MAILS)
def test_a_mail_of_no_tenant_names_the_product_alone(template: str, clock: SimpleNamespace) -> None:
    render = Renderer(ISSUER, clock=clock)
    mail = render("msg_1", template, Content("ada@example.com", VALUES, None))
    assert body(mail, "plain").endswith(f"-- \nauthserver\n{ISSUER}\n")


@pytest.mark.parametrize(
    ("person", "tenant", "chosen"),
    [
        ("de", "fr", "de"),
        (None, "fr", "fr"),
        ("xx", "fr-CA", "fr"),
        (None, None, "es"),
        ("de_AT", None, "de"),
    ],
)
def test_the_language_is_the_persons_then_the_tenants_then_the_installations(
    person: str | None, tenant: str | None, *, chosen: str, clock: SimpleNamespace
) -> None:
    render = Renderer(ISSUER, clock=clock, language="es", brand_of=lambda _: Brand("T", tenant))
    mail = render("msg_1", MAILS[0], Content("a@example.com", VALUES, person), tenant_id="ten_1")
    assert f'lang="{chosen}"' in body(mail, "html")
