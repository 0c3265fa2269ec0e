"""The pages live under a Content-Security-Policy without unsafe-*, whatever people registered."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

from tests.support.rows import each
from tests.unit.templates.conftest import CASES, values_of

Show = Callable[..., Any]
Values = dict[str, object]


class Page(Protocol):
    elements: list[tuple[str, dict[str, str]]]


HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}"


def violations(page: Page) -> Iterator[str]:
    for tag, attributes in page.elements:
        yield from (f"{tag} {name}" for name in attributes if name.startswith("on"))
        if "style" in attributes or tag in {"style", "object", "embed", "base"}:
            yield tag
        # Clients' own pages, for front-channel logout: they may not move ours.
        if tag == "iframe" and attributes.get("sandbox") != "allow-scripts allow-same-origin":
            yield "iframe without a sandbox"
        if tag == "script" and not (attributes.get("src") and attributes.get("nonce")):
            yield "script without source or nonce"
        for name in ("href", "src", "action"):
            if re.match(r"\s*(javascript|vbscript):", attributes.get(name, ""), re.IGNORECASE):
                yield f"{tag} {name} is a script"


@each(case=CASES)
def test_no_page_has_inline_style_or_script(show: Show, case: str) -> None:
    page = show(case)
    assert list(violations(page)) == []
    assert re.findall(r"<script[^>]*>([^<]+)</script>", page.html) == []


@each(case=CASES)
def test_every_script_carries_the_nonce_of_the_answer(show: Show, case: str) -> None:
    assert {script["nonce"] for script in show(case).all("script")} == {"bm9uY2U"}


def test_no_template_contains_inline_style_or_script_in_any_branch(
    template_sources: dict[str, str],
) -> None:
    style = r"\sstyle\s*="
    banned = r"<style|\son[a-z]+\s*=|javascript:|\|\s*safe\b|autoescape|Markup"
    for name, source in template_sources.items():
        # Mail programs load no stylesheet and many drop <style>, and no CSP of ours applies to a
        # mail: there, style attributes are the only way. Everything else stays banned.
        if not name.startswith("mail/"):
            assert re.findall(style, source) == [], name
        assert re.findall(banned, source) == [], name
        for tag in re.findall(r"<script.*?>", source):
            assert "nonce=" in tag, name
            assert "src=" in tag, name


@each(case=CASES)
def test_assets_come_from_this_server_only(show: Show, case: str) -> None:
    page = show(case)
    sources = [a.get("src") or a.get("href", "") for t in ("script", "link") for a in page.all(t)]
    assert sources
    assert all(source.startswith("/static/") for source in sources)


def poisoned(value: object) -> object:
    if isinstance(value, str):
        return HOSTILE
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**{name: poisoned(part) for name, part in vars(value).items()})
    if isinstance(value, (list, tuple)):
        return [poisoned(part) for part in value]
    return value


@each(case=CASES)
def test_hostile_values_stay_text(show: Show, case: str) -> None:
    page = show(case, **{name: poisoned(value) for name, value in values_of(case).items()})
    assert list(violations(page)) == []
    assert not page.misnested
    assert "<script>alert" not in page.html
    assert "49" not in " ".join(page.text)
    assert not page.all("img", src="x")


def test_only_web_addresses_become_links(show: Show) -> None:
    client = SimpleNamespace(
        name="Evil",
        logo_id=None,
        policy_uri="javascript:alert(1)",
        tos_uri=" data:text/html,x",
        domain=None,
    )
    tenant = SimpleNamespace(name="T", slug="t", logo_url=None, website="JavaScript:alert(1)")
    assert not show("password", client=client, tenant=tenant).all("a")


def test_the_stylesheet_loads_nothing(static_folder: Path) -> None:
    assert not re.search(r"url\(|@import", (static_folder / "css" / "app.css").read_text())


def test_scripts_build_no_code_and_no_markup(static_folder: Path) -> None:
    for script in (static_folder / "js").glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|eval\(|\.style\b", script.read_text())


def test_pictures_hold_no_script_and_no_style(static_folder: Path) -> None:
    for picture in (static_folder / "img").glob("*.svg"):
        assert not re.search(r"<script|<style|style=|\son\w+=", picture.read_text())
