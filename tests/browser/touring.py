"""What a tour is: a walk through pages, the stops that it makes, and the templates seen there."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.walk import Stop
from tests.support.demo import Demo


@dataclass(frozen=True)
class Tour:
    """A walk from stop to stop. `stops`: the template that each shows."""

    walk: Callable[[Page, Demo, Stop], None]
    stops: dict[str, str]


def same(template: str, *stops: str) -> dict[str, str]:
    """Return stops that show one template."""
    return dict.fromkeys(stops, template)
