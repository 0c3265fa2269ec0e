"""Readable in both themes (WCAG 2.2 AA), light to load, and calm for people who ask for it."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support.rows import each
from tests.unit.templates.conftest import CASES

Show = Callable[..., Any]
Themes = dict[str, dict[str, str]]
Pair = tuple[str, str, float]

# (what stands in front, what lies behind, the least contrast): 4.5 for text, 3 for shapes
PAIRS: list[Pair] = [
    ("text", "page", 4.5),
    ("text", "card", 4.5),
    ("text", "field", 4.5),
    ("text", "soft", 4.5),
    ("text", "info-soft", 4.5),
    ("text", "danger-soft", 4.5),
    ("muted", "page", 4.5),
    ("muted", "card", 4.5),
    ("muted", "field", 4.5),
    ("muted", "soft", 4.5),
    ("link", "card", 4.5),
    ("link", "info-soft", 4.5),
    ("danger", "card", 4.5),
    ("danger", "danger-soft", 4.5),
    ("card", "danger", 4.5),
    ("muted", "tile", 4.5),
    ("text", "tile", 4.5),
    ("good", "card", 4.5),
    ("good", "good-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-hover", 4.5),
    ("on-tile", "tile", 4.5),
    ("accent", "card", 3),
    ("field-line", "field", 3),
    ("field-line", "card", 3),
    ("danger", "field", 3),
    ("focus", "card", 3),
    ("focus", "page", 3),
    ("focus", "field", 3),
]


@pytest.fixture(scope="session")
def css(static_folder: Path) -> str:
    return (static_folder / "css" / "app.css").read_text()


@pytest.fixture(scope="session")
def themes(css: str) -> Themes:
    roots = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)[:2]
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", root)) for root in roots)
    return {"light": light, "dark": light | dark}


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_black_on_white_has_the_contrast_of_the_specification() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("pair", PAIRS)
def test_colours_have_enough_contrast(themes: Themes, theme: str, pair: Pair) -> None:
    front, back, least = pair
    colours = themes[theme]
    assert contrast(colours[front], colours[back]) >= least


def test_the_dark_theme_sets_every_colour(css: str, themes: Themes) -> None:
    dark = re.findall(r":root \{(.*?)\n\s*\}", css, re.DOTALL)[1]
    assert set(themes["light"]) == set(re.findall(r"--([\w-]+): #[0-9a-f]{6};", dark))


def test_colours_stand_only_in_the_themes(css: str) -> None:
    rules = css[css.index("*, *::before") :]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


def test_the_frame_of_the_browser_has_the_colour_of_the_page(show: Show, themes: Themes) -> None:
    shown = {
        meta["media"]: meta["content"] for meta in show("home").all("meta", name="theme-color")
    }
    assert shown["(prefers-color-scheme: light)"] == themes["light"]["card"]
    assert shown["(prefers-color-scheme: dark)"] == themes["dark"]["card"]


def test_only_logical_directions_are_used_so_that_right_to_left_works(css: str) -> None:
    physical = (
        r"(?:margin|padding|border)-(?:left|right)|[\s;{](?:left|right)\s*:|: (?:left|right);"
    )
    assert re.findall(physical, css) == []


@pytest.mark.parametrize("wish", ["prefers-reduced-motion: reduce", "forced-colors: active"])
def test_the_wishes_of_the_person_are_respected(css: str, wish: str) -> None:
    assert f"({wish})" in css


def test_fields_and_buttons_are_large_enough_to_touch(css: str) -> None:
    assert "--target: 3rem;" in css
    for selector in (r"\.input", r"\.button"):
        rule = re.search(rf"\n{selector} \{{(.*?)\n\}}", css, re.DOTALL)
        assert rule
        assert "min-block-size: var(--target)" in rule[1]


@each(case=CASES)
def test_every_class_of_the_pages_has_a_rule(
    css: str, show: Show, case: str, static_folder: Path
) -> None:
    used = {name for _, a in show(case).elements for name in a.get("class", "").split()}
    rules = css + (static_folder / "css" / "console.css").read_text()
    known = set(re.findall(r"\.([a-z][\w-]*)", rules))
    assert used - known == set()


@each(case=CASES)
def test_every_icon_exists(show: Show, case: str, static_folder: Path) -> None:
    for use in show(case).all("use"):
        sprite, _, symbol = use["href"].partition("#")
        drawn = (static_folder / "img" / Path(sprite).name).read_text()
        assert f'<symbol id="{symbol}"' in drawn


def test_the_licence_of_the_icons_lies_beside_them(static_folder: Path) -> None:
    licence = (static_folder / "img" / "LICENSE-lucide.txt").read_text()
    assert "ISC License" in licence
    assert "Feather" in licence
    assert "CC0 1.0" in (static_folder / "img" / "LICENSE-simple-icons.md").read_text()


def test_colours_of_the_console_are_those_of_the_themes(static_folder: Path) -> None:
    rules = (static_folder / "css" / "console.css").read_text()
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == []


@each(case=CASES)
def test_a_page_weighs_less_than_60_kilobytes(app: Flask, show: Show, case: str) -> None:
    page = show(case)
    # Another's page in our frame weighs what it weighs; what scripts are is sent compressed.
    packed = gzip.compress if "/console.css" in page.html else bytes
    if "/swagger-ui" in page.html:
        return
    assets = {a.get("href") or a.get("src") for _, a in page.elements}
    assets = {asset.partition("#")[0] for asset in assets if asset and "/static/" in asset}
    weight = len(page.html.encode())
    for asset in assets:
        answer = app.test_client().get(asset)
        assert answer.status_code == 200, asset
        weight += len(packed(answer.data))
        answer.close()
    assert weight < 60_000
