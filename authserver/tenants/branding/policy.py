"""A tenant's colour, and what of it stays readable on our pages. Values in, decision out.

Contrast is that of WCAG 2.2: 4.5 for text, 3 for what is pressed. A colour that has less of it is
moved towards black or white until it is enough; its hue stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TEXT, PART = 4.5, 3.0
_WHITE, _BLACK, _INK = "#ffffff", "#000000", "#15181e"
_STEP, _STEPS = 0.04, 25
_HOVER, _TINT, _SOFT, _LINE = 0.14, 0.12, 0.07, 0.2


@dataclass(frozen=True)
class Theme:
    """The backgrounds of static/css/app.css that text and buttons stand on, the card first."""

    backgrounds: Sequence[str]
    towards: str  # where a colour moves that is too near to them


LIGHT = Theme(("#ffffff", "#f5f6f8", "#f3f5f9"), _BLACK)
DARK = Theme(("#14171d", "#0b0d11", "#1b1f27", "#0e1116"), _WHITE)


def palette(accent: str, theme: Theme) -> dict[str, str]:
    """Return the colours of a theme by the names of its CSS variables."""
    button = _moved(accent, theme.backgrounds[:1], theme, enough=PART)
    on_button = _text_on(button)
    away = _BLACK if on_button == _WHITE else _WHITE
    card = theme.backgrounds[0]
    tile, soft = _mix(card, accent, _TINT), _mix(card, accent, _SOFT)
    link = _moved(accent, (*theme.backgrounds, soft), theme, enough=TEXT)
    return {
        "accent": button,
        "accent-hover": _mix(button, away, _HOVER),
        "on-accent": on_button,
        "link": link,
        "focus": link,
        "info-soft": soft,
        "info-line": _mix(card, accent, _LINE),
        "tile": tile,
        "on-tile": _moved(accent, (tile,), theme, enough=TEXT),
    }


def stylesheet(accent: str, *, scope: str = ":root") -> str:
    """Return the variables of both themes, for everything below a selector of ours."""
    light, dark = _rules(palette(accent, LIGHT)), _rules(palette(accent, DARK))
    return f"{scope}{{{light}}}\n@media (prefers-color-scheme: dark){{{scope}{{{dark}}}}}\n"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _moved(colour: str, backgrounds: Sequence[str], theme: Theme, *, enough: float) -> str:
    for step in range(_STEPS + 1):
        tried = _mix(colour, theme.towards, step * _STEP)
        if all(contrast(tried, background) >= enough for background in backgrounds):
            return tried
    return theme.towards


def _text_on(colour: str) -> str:
    """Return white, or ink where it reads better; one of black and white always does."""
    if contrast(_WHITE, colour) >= TEXT:
        return _WHITE
    return _INK if contrast(_INK, colour) >= TEXT else _BLACK


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  sRGB


def _rules(colours: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())
