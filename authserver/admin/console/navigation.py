"""The navigation: the screens that the person may see, for the tenant that the page is about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for

from authserver.admin.console.asking import Asking
from authserver.admin.console.screen import TITLES, UNDONE_BY, Group, Screen
from authserver.admin.console.visitor import caller

_TENANT = "tenant_id"


@dataclass(frozen=True)
class Entry:
    """A link of the navigation, or a tab."""

    title: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Part:
    """A group of links."""

    title: str
    entries: tuple[Entry, ...]


class Navigation:
    """Knows every screen. They are shown in the order in which they were put together."""

    def __init__(self, screens: Sequence[Screen], asking: Asking) -> None:
        """Take the screens, and what knows who may ask for what."""
        self._screens = {screen.name: screen for screen in screens}
        self._asking = asking

    def parts(self) -> list[Part]:
        """Return the groups that have a link for this person."""
        lit = self._lit()
        parts = []
        for group in Group:
            entries = tuple(
                Entry(str(menu.title), _url(screen), menu.icon, screen.name == lit)
                for screen in self._screens.values()
                if (menu := screen.menu) and menu.group is group and self._asking.may(screen.does)
            )
            if entries:
                parts.append(Part(str(TITLES[group]), entries))
        return parts

    def tabs(self) -> list[Entry]:
        """Return the tabs of the present screen: none for one that has no other beside it."""
        here = self._here()
        if here is None or here.tab is None:
            return []
        tabs = [
            Entry(str(tab.title), _url(screen), "", screen is here)
            for screen in self._screens.values()
            if (tab := screen.tab) and tab.about == here.tab.about and self._asking.may(screen.does)
        ]
        return tabs if len(tabs) > 1 else []

    def urls(self, names: Iterable[str], tenant: str) -> dict[str, str]:
        """Return the URLs of those of these screens that there are, and that are for the person."""
        found = [self._screens[name] for name in names if name in self._screens]
        return {
            screen.name: _url(screen, tenant) for screen in found if self._asking.may(screen.does)
        }

    def undo(self) -> str | None:
        """Return the URL that undoes what the present screen did, if the person may do that."""
        here = self._here()
        undoes = self._screens.get(UNDONE_BY.get(here.name, "")) if here else None
        return _url(undoes) if undoes and self._asking.may(undoes.does) else None

    def _here(self) -> Screen | None:
        return self._screens.get((request.endpoint or "").rpartition(".")[2])

    def _lit(self) -> str:
        here = self._here()
        for _ in self._screens:
            if here is None or here.menu or here.below is None:
                break
            here = self._screens[here.below]
        return here.name if here else ""


def tenant_id() -> str:
    """Return the tenant that the page is about: the person's own, unless they came into another.

    What a refused URL names is not told: not even by the tenant's name.
    """
    return str(g.get("entered") or caller().tenant_id)


def _url(screen: Screen, tenant: str | None = None) -> str:
    """Return the URL of a screen about the same things as the present page."""
    known: Mapping[str, Any] = {**(request.view_args or {}), _TENANT: tenant or tenant_id()}
    wanted = {name: value for name, value in known.items() if f"<{name}>" in screen.path}
    return url_for(f"console.{screen.name}", **wanted)
