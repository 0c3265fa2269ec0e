"""/console/.../erasures: who was erased or will be, and the receipts."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.privacy.erasures import ErasureShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Action, Column, Listing, table
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.privacy.erasure.values import State

_LIST = "/tenants/<tenant_id>/erasures"


class ErasureScreens:
    """The list, and one erasure."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        menu = Menu(Group.TENANT, _l("Erasures"), "trash-2")
        one = f"{_LIST}/<erasure_id>"
        return (
            Screen(_LIST, "erasures", self.list, "list_erasures", menu=menu),
            Screen(one, "erasure", self.show, "read_erasure", below="erasures"),
            Screen(f"{one}/receipt", "read_receipt", self.receipt, "read_receipt",
                   below="erasures"),
        )  # fmt: skip

    def list(self, tenant_id: str) -> Response:
        """Show every erasure, the latest first."""
        path: dict[str, Any] = {"tenant_id": tenant_id}
        columns = (
            Column(_("Person"), lambda one: Link(one.user_id, _url(path, one))),
            Column(_("State"), state),
            Column(_("Asked"), lambda one: one.asked_at),
            Column(_("By"), lambda one: asker(one.asked_by)),
            Column(_("Due"), lambda one: one.due_at),
            Column(_("Ended"), lambda one: one.ended_at),
        )
        return self._console.show_list(
            Listing(
                "list_erasures",
                _("Erasures"),
                columns,
                empty=_("Nobody asked to be erased yet. People do so on their privacy page."),
                lead=_("What was done stays here as the proof, without saying who it was."),
            ),
            path,
        )

    def show(self, tenant_id: str, erasure_id: str) -> Response:
        """Show an erasure, and what went."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "erasure_id": erasure_id}
        one, _version = self._console.read("read_erasure", ErasureShown, path)
        facts = (
            Fact(_("Person"), Code(one.user_id)),
            Fact(_("State"), state(one)),
            Fact(_("Asked"), one.asked_at),
            Fact(_("By"), asker(one.asked_by)),
            Fact(_("Due"), one.due_at),
            Fact(_("Ended"), one.ended_at),
        )
        columns = (
            Column(_("Table"), lambda item: Code(item[0])),
            Column(_("Rows"), lambda item: item[1]),
        )
        removed = table(columns, sorted(one.removed.items()), _("Nothing was deleted yet."))
        url = url_for("console.read_receipt", **path)
        receipt = Action(_("Receipt"), url, "read_receipt", "primary")
        actions = (receipt,) if one.state is State.DONE else ()
        sections = (Section(_("Erasure"), facts), Section(_("Rows deleted"), table=removed))
        return self._console.show_detail(Detail(_("Erasure"), sections, id=one.id, actions=actions))

    def receipt(self, tenant_id: str, erasure_id: str) -> Response:
        """Give the signed receipt out as a file."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "erasure_id": erasure_id}
        found: Any = self._console.ask("read_receipt", path)
        answer = Response(found.content.receipt, mimetype="application/jose")
        name = f"erasure-receipt-{erasure_id}.jws"
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def state(one: ErasureShown) -> Badge:
    """Return how an erasure stands, in words."""
    if one.held:
        return Badge(_("Held by law"), Tone.WARN)
    words = {
        State.ASKED: Badge(_("To be confirmed")),
        State.WAITING: Badge(_("Waits for its time"), Tone.WARN),
        State.ERASING: Badge(_("Being done"), Tone.WARN),
        State.DONE: Badge(_("Done"), Tone.GOOD),
        State.CANCELLED: Badge(_("Called off")),
    }
    return words[one.state]


def asker(kind: str) -> str:
    """Return who asked, in words."""
    words = {
        "user": _("A person"),
        "client": _("A program"),
        "operator": _("The operator"),
        "home": _("With the account at home"),
    }
    return str(words.get(kind, kind))


def _url(path: dict[str, Any], one: ErasureShown) -> str:
    return url_for("console.erasure", erasure_id=one.id, **path)
