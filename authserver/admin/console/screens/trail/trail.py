"""/console/tenants/<id>/events: what happened, who did it, and what it changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.trail import EventShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Code
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.console.screens.trail.showing import changes, days, kind_of, plain
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
        one = f"{every}/<event_id>"
        menu = Menu(Group.INSIGHT, _l("Trail"), "history")
        tab = Tab("trail", _l("Timeline"))
        return (
            Screen(every, "events", self.index, "list_events", menu=menu, tab=tab),
            Screen(one, "event", self.show, "read_event", below="events"),
            Screen(f"{one}/open", "open_event", self.open, "open_event", below="events"),
        )

    def index(self, tenant_id: str) -> Response:
        """List events, the newest first."""
        return self._console.show_list(
            Listing(
                "list_events",
                title=_("Trail"),
                lead=_("Everything that was done in this organization, the newest first."),
                columns=(Column(_("What"), lambda one: headline(one.type)),),
                search=_("Address, id, object or reference"),
                filters=(
                    Filter("type", _("What"), headlines()),
                    Filter("since", _("When"), _periods(self._clock.now())),
                    Filter("actor", _("Id of who did it")),
                    Filter("subject", _("Id of whom it is about")),
                ),
                empty=_("Nothing has happened here yet."),
                files=False,
                template="console/trail/timeline.html",
                view=lambda items: days(tenant_id, items),
            ),
            {"tenant_id": tenant_id},
        )

    def show(self, tenant_id: str, event_id: str) -> Response:
        """Show one event."""
        path = {"tenant_id": tenant_id, "event_id": event_id}
        one, _version = self._console.read("read_event", EventShown, path)
        return self._page(tenant_id, one)

    def open(self, tenant_id: str, event_id: str) -> Response:
        """Show one event with what it says of people, once that was asked for."""
        path = {"tenant_id": tenant_id, "event_id": event_id}
        if request.method != "POST":
            return self.show(tenant_id, event_id)
        one = self._console.ask("open_event", path).content
        if not isinstance(one, EventShown):
            raise TypeError("open_event shows an event")
        return self._page(tenant_id, one)

    def _page(self, tenant_id: str, one: EventShown) -> Response:
        sections = [Section(_("Event"), _facts(one))]
        if one.facts:
            facts = [Fact(name, plain(value)) for name, value in sorted(one.facts.items())]
            sections.append(Section(_("Details"), facts))
        detail = Detail(
            headline(one.type),
            sections,
            id=one.id,
            lead=_explained(one.type),
            actions=_more(tenant_id, one),
            template="console/trail/event.html",
        )
        changed, same = changes(one.before, one.after)
        hidden = [] if one.private else [_personal(name) for name in one.sealed]
        url = url_for("console.open_event", tenant_id=tenant_id, event_id=one.id)
        return self._console.show_detail(
            detail, changes=changed, same=same, sealed=hidden, open_url=url
        )


def _explained(event: str) -> str:
    """Return the whole sentence where the title is not all of it."""
    whole = sentence(event)
    return "" if whole == headline(event) else whole


def _facts(one: EventShown) -> list[Fact]:
    return [
        Fact(_("Type"), Code(one.type)),
        Fact(_("When"), one.time),
        Fact(_("Who"), Code(one.actor) if one.actor else _("erased"), one.actor_name or ""),
        Fact(_("As"), kind_of(one.actor_kind)),
        Fact(_("About"), Code(one.subject or ""), one.subject_name or ""),
        Fact(_("Object"), Code(one.resource or ""), one.resource_name or ""),
        *(
            Fact(_personal(name), Code(value) if name == "address" else value)
            for name, value in sorted(one.private.items())
        ),
        Fact(_("Reference"), Code(one.correlation_id), _("The same is in the server's log.")),
    ]


def _personal(name: str) -> str:
    """Return what a personal value is called."""
    words = {"address": _("Address"), "user_agent": _("Browser"), "email": _("E-mail address")}
    return str(words.get(name, name))


def _more(tenant_id: str, one: EventShown) -> list[Action]:
    def link(text: str, **query: str) -> Action:
        values: dict[str, Any] = {"tenant_id": tenant_id, **query}
        return Action(text, url_for("console.events", **values), "list_events")

    did = [link(_("All that they did"), actor=one.actor)] if one.actor else []
    done = [link(_("All about them"), subject=one.subject)] if one.subject else []
    return did + done


def _periods(now: datetime) -> dict[str, str]:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return {
        today.isoformat(): _("Today"),
        (today - timedelta(days=7)).isoformat(): _("Last 7 days"),
        (today - timedelta(days=30)).isoformat(): _("Last 30 days"),
    }
