"""Events as people see them: who, about whom, the days of a timeline, and what a change changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import orjson
from flask import url_for
from flask_babel import format_date, format_time, to_user_timezone
from flask_babel import gettext as _

from authserver.admin.api.trail import EventShown
from authserver.admin.console.parts.values import Cell, Code, Named, Single, Value, cell
from authserver.admin.console.screens.trail.words import headline
from authserver.audit.events import ActorKind
from authserver.core.ids import is_id

# What somebody who looks for trouble looks for: by how the type ends, or begins.
_BAD = ("refused", "failed", "locked", "detected", "reused", "suspended", "erased", "set_back")
_GOOD = ("created", "verified", "enabled", "resumed", "accepted", "restored")


@dataclass(frozen=True)
class Entry:
    """An event of a timeline."""

    title: str
    url: str
    time: str
    exact: str
    who: Cell
    about: Cell
    tone: str


@dataclass(frozen=True)
class Day:
    """The events of a day, the newest first."""

    title: str
    events: tuple[Entry, ...]


@dataclass(frozen=True)
class Change:
    """A value before and after; None where there was, or is, none."""

    name: str
    before: str | None
    after: str | None


def days(tenant_id: str, events: Sequence[EventShown]) -> list[Day]:
    """Return events by the days of whoever looks."""
    found = groupby(events, key=lambda one: to_user_timezone(one.time).date())
    return [
        Day(format_date(day, "full"), tuple(_entry(tenant_id, one) for one in of_day))
        for day, of_day in found
    ]


def _entry(tenant_id: str, one: EventShown) -> Entry:
    return Entry(
        title=headline(one.type),
        url=url_for("console.event", tenant_id=tenant_id, event_id=one.id),
        time=format_time(one.time, "short"),
        exact=one.time.isoformat(timespec="seconds"),
        who=cell(who(one)),
        about=cell(about(one) if one.subject != one.actor or not one.subject else None),
        tone=_tone(one.type),
    )


def _tone(event: str) -> str:
    verb = event.rpartition(".")[2]
    if any(word in verb for word in _BAD):
        return "bad"
    return "good" if any(word in verb for word in _GOOD) else "plain"


def changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[list[Change], list[Change]]:
    """Return what differs, and what was there and is the same."""
    old, new = before or {}, after or {}
    every = [
        Change(name, _said(old.get(name)), _said(new.get(name))) for name in sorted({*old, *new})
    ]
    differ = [one for one in every if one.before != one.after]
    return differ, [one for one in every if one.before == one.after]


def _said(value: object) -> str | None:
    shown = cell(plain(value))
    return None if shown.kind == "none" else shown.text


def plain(value: object) -> Single:
    """Return what an event says of something as a value that is shown."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    return orjson.dumps(value).decode()


def who(one: EventShown) -> Value:
    """Return who did it, as lists show it."""
    if one.actor is None:
        return str(_("erased"))
    if one.actor_kind not in {ActorKind.USER, ActorKind.CLIENT}:
        return kind_of(one.actor_kind)
    return _called(one.actor, one.actor_name)


def kind_of(kind: str) -> str:
    """Return what somebody of a kind is called."""
    words: dict[str, object] = {
        ActorKind.USER: _("Person"),
        ActorKind.CLIENT: _("Application"),
        ActorKind.OPERATOR: _("Operator of the server"),
        ActorKind.SERVER: _("The server itself"),
        ActorKind.SYSTEM: _("The server itself"),
        ActorKind.CONNECTION: _("Sign-in provider"),
        ActorKind.INITIAL_ACCESS_TOKEN: _("Initial access token"),
        ActorKind.ANONYMOUS: _("Somebody who was not signed in"),
    }
    return str(words.get(kind, kind))


def about(one: EventShown) -> Value:
    """Return whom or what it is about, as lists show it."""
    if one.subject:
        return _called(one.subject, one.subject_name)
    return _called(one.resource or "", one.resource_name)


def _called(id_: str, name: str | None) -> Value:
    """Return a name, and but for a person's the id: several things may be called the same."""
    if name is None:
        return Code(id_)
    bare = id_.rpartition(":")[2]
    return name if is_id(bare, "usr") else Named(name, bare)
