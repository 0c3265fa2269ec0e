"""/console/tenants/<id>/events: what happened, who did it, and what it changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.trail import EventShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing, table
from authserver.admin.console.parts.values import Code, Link, Value
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.trail.words import headline, headlines, sentence
from authserver.core.clock import Clock


class TrailScreens:
    """Screens about what happened."""

    def __init__(self, console: Console, clock: Clock) -> None:
        """Take the frame, and the time."""
        self._console = console
        self._clock = clock

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        every = "/tenants/<tenant_id>/events"
        menu = Menu(Group.INSIGHT, _l("Trail"), "history")
        return (
            Screen(every, "events", self.index, "list_events", menu=menu),
            Screen(f"{every}/<event_id>", "event", self.show, "read_event", below="events"),
        )

    def index(self, tenant_id: str) -> Response:
        """List events, the newest first."""
        return self._console.show_list(
            Listing(
                "list_events",
                title=_("Trail"),
                lead=_("Everything that was done in this organization, the newest first."),
                columns=(
                    Column(
                        _("What"), lambda one: Link(headline(one.type), _url(tenant_id, one.id))
                    ),
                    Column(_("Type"), lambda one: one.type, only_in_file=True),
                    Column(_("Who"), who),
                    Column(_("About"), about),
                    Column(_("From"), lambda one: Code(one.private.get("address", ""))),
                    Column(_("When"), lambda one: one.time),
                ),
                filters=(
                    Filter("type", _("What"), headlines()),
                    Filter("since", _("When"), _periods(self._clock.now())),
                    Filter("actor", _("Id of who did it")),
                    Filter("subject", _("Id of whom it is about")),
                    Filter("correlation_id", _("Reference")),
                ),
                empty=_("Nothing has happened here yet."),
                taken="export_events",
            ),
            {"tenant_id": tenant_id},
        )

    def show(self, tenant_id: str, event_id: str) -> Response:
        """Show one event."""
        path = {"tenant_id": tenant_id, "event_id": event_id}
        one, _version = self._console.read("read_event", EventShown, path)
        sections = [Section(_("Event"), _facts(one))]
        if one.before or one.after:
            sections.append(_change(one.before or {}, one.after or {}))
        if one.facts:
            facts = [Fact(name, _text(value)) for name, value in sorted(one.facts.items())]
            sections.append(Section(_("Details"), facts))
        return self._console.show_detail(
            Detail(
                headline(one.type),
                sections,
                id=one.id,
                lead=_explained(one.type),
                actions=_more(tenant_id, one),
            )
        )


def _explained(event: str) -> str:
    """Return the whole sentence where the title is not all of it."""
    whole = sentence(event)
    return "" if whole == headline(event) else whole


def _url(tenant_id: str, event_id: str) -> str:
    return url_for("console.event", tenant_id=tenant_id, event_id=event_id)


def who(one: EventShown) -> Value:
    """Return who did it, as lists show it."""
    if one.actor is None:
        return str(_("erased"))
    if one.actor_kind not in {"user", "client"}:
        return _kind(one.actor_kind)
    return one.actor_name or Code(one.actor)


def _kind(kind: str) -> str:
    words = {
        "user": _("Person"),
        "client": _("Application"),
        "operator": _("Operator of the server"),
        "server": _("The server itself"),
        "connection": _("Sign-in provider"),
        "anonymous": _("Somebody who was not signed in"),
    }
    return str(words.get(kind, kind))


def about(one: EventShown) -> Value:
    """Return whom or what it is about, as lists show it."""
    if one.subject:
        return one.subject_name or Code(one.subject)
    return Code(one.resource or "")


def _facts(one: EventShown) -> list[Fact]:
    more = {name: value for name, value in one.private.items() if name not in _KNOWN}
    return [
        Fact(_("Type"), Code(one.type)),
        Fact(_("When"), one.time),
        Fact(_("Who"), Code(one.actor) if one.actor else _("erased"), one.actor_name or ""),
        Fact(_("As"), _kind(one.actor_kind)),
        Fact(_("About"), Code(one.subject or ""), one.subject_name or ""),
        Fact(_("Object"), Code(one.resource or "")),
        Fact(
            _("Address"), Code(one.private.get("address", "")) if "address" in one.private else None
        ),
        Fact(_("Browser"), one.private.get("user_agent")),
        *(Fact(name, value) for name, value in sorted(more.items())),
        Fact(_("Reference"), Code(one.correlation_id), _("The same is in the server's log.")),
    ]


_KNOWN = {"address", "user_agent"}


def _change(before: Mapping[str, object], after: Mapping[str, object]) -> Section:
    """Return what was before beside what is after, for what differs."""
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    columns = (
        Column(_("What"), lambda name: name),
        Column(_("Before"), lambda name: _text(before.get(name))),
        Column(_("After"), lambda name: _text(after.get(name))),
    )
    return Section(_("Change"), table=table(columns, names, _("Nothing differs.")))


def _more(tenant_id: str, one: EventShown) -> list[Action]:
    def link(text: str, **query: str) -> Action:
        values: dict[str, Any] = {"tenant_id": tenant_id, **query}
        return Action(text, url_for("console.events", **values), "list_events")

    did = [link(_("All that they did"), actor=one.actor)] if one.actor else []
    done = [link(_("All about them"), subject=one.subject)] if one.subject else []
    return did + done


def _text(value: object) -> Value:
    if value is None or isinstance(value, str | bool | int):
        return value
    return orjson.dumps(value).decode()


def _periods(now: datetime) -> dict[str, str]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        today.isoformat(): _("Today"),
        (today - timedelta(days=7)).isoformat(): _("Last 7 days"),
        (today - timedelta(days=30)).isoformat(): _("Last 30 days"),
    }
