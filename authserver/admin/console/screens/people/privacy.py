"""/console/.../users/<id>/consents: what a person decided, copies of their data, their erasure."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.people.shown import PersonShown
from authserver.admin.api.privacy.consents import ConsentShown
from authserver.admin.api.privacy.exports import ExportList, ExportShown
from authserver.admin.api.privacy.holds import ErasureStanding, HoldShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.privacy.erasures import asker, state

_PATH = "/tenants/<tenant_id>/users/<user_id>/consents"


class PersonPrivacy:
    """The tab about a person's decisions and data."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        return (
            Screen(_PATH, "user_privacy", self.show, "list_consents",
                   tab=Tab("user", _l("Privacy")), below="users"),
        )  # fmt: skip

    def show(self, tenant_id: str, user_id: str) -> Response:
        """Show copies, what is to be erased, and the latest decisions."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one, _version = self._console.read("read_user", PersonShown, path)
        copies, _version = self._console.read("list_exports", ExportList, path)
        found: Any = self._console.ask("list_consents", path, given={"limit": 100})
        standing, _version = self._console.read("read_user_erasure", ErasureStanding, path)
        sections = (
            _copies(copies, path),
            _erasure(standing, path),
            _holds(standing.holds, path),
            _decisions(found.content.items),
        )
        return self._console.show_detail(Detail(one.name, sections, id=one.id, lead=one.email))


def _copies(found: ExportList, path: dict[str, Any]) -> Section:
    columns = (
        Column(_("Asked"), lambda one: one.created_at),
        Column(_("By"), lambda one: asker(one.asked_by)),
        Column(_("State"), _standing),
        Column(_("Link until"), lambda one: one.expires_at),
        Column(_("Fetched"), lambda one: one.taken_at),
    )
    ask = Action(_("Mail a copy"), url_for("console.create_export", **path), "create_export")
    return Section(
        _("Copies of everything stored"),
        lead=_("Only the person can open the link, after signing in again."),
        table=table(columns, found.items, _("Nobody asked for a copy in the last month.")),
        actions=(ask,),
    )


def _standing(one: ExportShown) -> Badge:
    words = {
        "making": Badge(f"{_('Being made')} ({one.parts})" if one.parts else _("Being made")),
        "ready": Badge(_("Ready"), Tone.GOOD),
        "taken": Badge(_("Fetched")),
        "lost": Badge(_("Over"), Tone.WARN),
    }
    return words[one.standing]


def _erasure(found: ErasureStanding, path: dict[str, Any]) -> Section:
    one = found.erasure
    if one is None:
        ask = Action(
            _("Erase"), url_for("console.create_erasure", **path), "create_erasure", "danger"
        )
        lead = _("The account and everything stored about the person, for good.")
        return Section(_("Erasure"), lead=lead, actions=(ask,))
    facts = (
        Fact(_("State"), state(one)),
        Fact(_("Asked"), one.asked_at),
        Fact(_("By"), asker(one.asked_by)),
        Fact(_("Due"), one.due_at),
    )
    keep = Action(_("Call it off"), url_for("console.cancel_erasure", **path), "cancel_erasure")
    return Section(_("Erasure"), facts, actions=(keep,))


def _holds(items: Sequence[HoldShown], path: dict[str, Any]) -> Section:
    columns = (
        Column(_("Why"), lambda one: one.reason),
        Column(_("Set by"), lambda one: Code(one.set_by)),
        Column(_("Since"), lambda one: one.set_at),
        Column(_("Lifted by"), lambda one: Code(one.lifted_by or "")),
        Column(_("Until"), lambda one: one.lifted_at or Badge(_("Stands"), Tone.WARN)),
    )
    if any(one.lifted_at is None for one in items):
        act = Action(_("Lift it"), url_for("console.lift_legal_hold", **path), "lift_legal_hold")
    else:
        act = Action(_("Set a hold"), url_for("console.set_legal_hold", **path), "set_legal_hold")
    return Section(
        _("Legal holds"),
        lead=_("While one stands, nothing of the person is erased."),
        table=table(columns, items, _("There was none.")),
        actions=(act,),
    )


def _decisions(items: Sequence[ConsentShown]) -> Section:
    columns = (
        Column(_("What"), _act),
        Column(_("Application"), _about),
        Column(_("Scopes"), lambda one: " ".join(one.scope)),
        Column(_("When"), lambda one: one.decided_at),
        Column(_("Text"), lambda one: Code((one.text_version or "")[:12])),
        Column(_("Address"), lambda one: Code(one.address)),
    )
    return Section(
        _("Decisions"),
        lead=_("What the person allowed, denied and took back. Nobody can change this record."),
        table=table(columns, items, _("This person has decided nothing yet.")),
    )


def _act(one: ConsentShown) -> Badge:
    words = {
        "granted": Badge(_("Allowed"), Tone.GOOD),
        "denied": Badge(_("Denied")),
        "withdrawn": Badge(_("Taken back")),
    }
    return words[one.act]


def _about(one: ConsentShown) -> str:
    return str((one.text or {}).get("client") or one.client_id or "")
