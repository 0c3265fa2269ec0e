"""A screen, as data: where it is, what it is for, and where the navigation shows it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response


class Group(Enum):
    """The parts of the navigation, in their order."""

    TOP = "top"
    PEOPLE = "people"
    APPLICATIONS = "applications"
    INSIGHT = "insight"
    TENANT = "tenant"
    PLATFORM = "platform"


TITLES = {
    Group.TOP: "",
    Group.PEOPLE: _l("People"),
    Group.APPLICATIONS: _l("Applications"),
    Group.INSIGHT: _l("Insight"),
    Group.TENANT: _l("Organization"),
    Group.PLATFORM: _l("Platform"),
}


_THERE_AND_BACK = (
    ("suspend_tenant", "resume_tenant"),
    ("archive_tenant", "restore_tenant"),
    ("open_tenant", "close_tenant"),
    ("disable_user", "enable_user"),
    ("disable_client", "enable_client"),
    ("disable_connection", "enable_connection"),
    ("disable_connection_of_platform", "enable_connection_of_platform"),
    ("pause_webhook", "resume_webhook"),
)
# The screen that undoes what another one does with the same thing: the page that follows offers it.
UNDONE_BY = {
    **dict(_THERE_AND_BACK),
    **{back: there for there, back in _THERE_AND_BACK},
    "take_role": "held_role",
}


@dataclass(frozen=True)
class Menu:
    """An entry of the navigation. `icon` is a symbol of static/img/console.svg or icons.svg."""

    group: Group
    title: Any  # a lazy text
    icon: str


@dataclass(frozen=True)
class Tab:
    """One of several screens about the same thing: those of one `about` are shown as tabs."""

    about: str
    title: Any  # a lazy text


@dataclass(frozen=True)
class Screen:
    """A page of the console.

    `path` is that of the API, with the parts that Flask is to find: `/tenants/<tenant_id>/users`.
    `does` names the operation that the screen is for: whoever may not ask for it does not get the
    screen, and where it is sensitive, people sign in again before they see it. `below` names the
    screen whose entry of the navigation is lit meanwhile.
    """

    path: str
    name: str
    view: Callable[..., Response]
    does: str
    menu: Menu | None = None
    tab: Tab | None = None
    below: str | None = None
