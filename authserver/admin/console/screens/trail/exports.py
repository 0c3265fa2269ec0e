"""/console/tenants/<id>/trail/exports: the trail taken away, how far it is, the file."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.trail_exports import TrailExportShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Fact
from authserver.admin.console.parts.fields import Field, Form, Heading, Kind
from authserver.admin.console.parts.lists import Action, Column, Listing
from authserver.admin.console.parts.values import Badge, Link, Tone, cell
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.trail.words import headlines
from authserver.trail_exports.values import Format, Standing

_TONES = {
    Standing.READY: Tone.GOOD,
    Standing.LOST: Tone.BAD,
    Standing.CANCELLED: Tone.WARN,
    Standing.WITHDRAWN: Tone.WARN,
}


class TrailExportScreens:
    """Screens about exports of the trail."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        many = "/tenants/<tenant_id>/trail/exports"
        one = f"{many}/<export_id>"
        tab = Tab("trail", _l("Exports"))
        return (
            Screen(many, "trail_exports", self.index, "list_trail_exports", tab=tab,
                   below="events"),
            Screen(f"{many}/new", "new_trail_export", self.new, "create_trail_export",
                   below="events"),
            Screen(one, "trail_export", self.show, "read_trail_export", below="events"),
            Screen(f"{one}/cancel", "cancel_trail_export", self.cancel, "cancel_trail_export",
                   below="events"),
            Screen(f"{one}/download", "download_trail_export", self.download,
                   "download_trail_export", below="events"),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List exports."""
        return self._console.show_list(
            Listing(
                "list_trail_exports",
                title=_("Trail"),
                lead=_("Files of the trail: made in the background, to be fetched for a day."),
                columns=(
                    Column(_("Asked for"), lambda one: one.created_at),
                    Column(_("File"), lambda one: Link(_what(one), _url(tenant_id, one.id))),
                    Column(_("State"), _state),
                    Column(_("Events"), lambda one: one.events),
                ),
                actions=(
                    Action(_("New export"),
                           url_for("console.new_trail_export", tenant_id=tenant_id),
                           "create_trail_export", "primary"),
                ),
                empty=_("Nothing was taken away in the last month."),
                files=False,
            ),
            {"tenant_id": tenant_id},
        )  # fmt: skip

    def new(self, tenant_id: str) -> Response:
        """Ask for one."""
        form = Form(
            "create_trail_export",
            title=_("Take the trail away"),
            lead=_("The file is made in the background; whoever fetches it is in the trail."),
            button=_("Begin"),
            back=url_for("console.trail_exports", tenant_id=tenant_id),
            fields=_fields(request.args.get("format", "")),
            path={"tenant_id": tenant_id},
            prepare=_prepared,
        )  # fmt: skip
        return self._console.fill(
            form,
            lambda reply: self._console.go(
                f"/console{reply.location}", _("The file is being made.")
            ),
        )

    def show(self, tenant_id: str, export_id: str) -> Response:
        """Show how far it is, and the file once it is there; the page looks again by itself."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "export_id": export_id}
        one, _version = self._console.read("read_trail_export", TrailExportShown, path)
        making = one.standing is Standing.MAKING
        return self._console.page(
            "console/trail/export.html",
            title=_what(one),
            one=one,
            state=cell(_state(one)),
            failure=_failure(one),
            making=making,
            counts={name: cell(getattr(one, name)).text for name in ("done", "total", "events")},
            facts=[(fact.label, cell(fact.value), fact.hint) for fact in _facts(one)],
            cancel_url=url_for("console.cancel_trail_export", **path) if making else None,
            download_url=url_for("console.download_trail_export", **path)
            if one.standing is Standing.READY
            else None,
        )

    def cancel(self, tenant_id: str, export_id: str) -> Response:
        """Call it off."""
        url, said = _url(tenant_id, export_id), _("The export is called off.")
        form = Form(
            "cancel_trail_export",
            title=_("Call the export off?"),
            lead=_("What is written of the file is deleted."),
            button=_("Call off"),
            back=url,
            path={"tenant_id": tenant_id, "export_id": export_id},
            danger=True,
        )
        return self._console.settle(form, said)

    def download(self, tenant_id: str, export_id: str) -> Response:
        """Give the file to a form that asks for it."""
        if request.method != "POST":
            return self._console.go(_url(tenant_id, export_id))
        path = {"tenant_id": tenant_id, "export_id": export_id}
        file = self._console.ask("download_trail_export", path).file
        if file is None:
            raise TypeError("download_trail_export gives a file")
        return Response(file.pieces, headers=[*file.headers])


def _fields(form: str) -> tuple[Field | Heading, ...]:
    rows = _("For CSV and JSON lines.")
    return (
        Field("format", _("Form"), Kind.CHOICE, value=form or Format.JSONL, choices={
            Format.JSONL: _("JSON lines: an event a line, for programs"),
            Format.CSV: _("CSV: for spreadsheets"),
            Format.BUNDLE: _("Bundle: the whole trail, proves itself"),
        }),
        Heading(_("Only some events"), rows),
        Field("type", _("What"), Kind.CHOICE, choices={"": _("Everything"), **headlines()}),
        Field("since", _("From the day"), Kind.DATE, optional=True),
        Field("until", _("Before the day"), Kind.DATE, optional=True),
        Field("actor", _("Id of who did it"), mono=True, optional=True, most=40),
        Field("subject", _("Id of whom it is about"), mono=True, optional=True, most=40),
        Field("resource", _("Object"), mono=True, optional=True, most=120),
        Field("correlation_id", _("Reference"), mono=True, optional=True, most=40),
        Heading(_("Only the newest"), _("For bundles.")),
        Field("checkpoint", _("What came after checkpoint number"), Kind.NUMBER, optional=True),
        Heading(_("About people"), rows),
        Field("personal", _("With addresses and browsers in clear"), Kind.CHECK,
              _("Otherwise what is personal is left out.")),
    )  # fmt: skip


def _prepared(given: dict[str, object]) -> dict[str, object]:
    """Return the operation's body: days begin at midnight UTC, a bundle has no filters."""
    for name in ("since", "until"):
        day = given.get(name)
        if isinstance(day, str) and "T" not in day:
            given[name] = f"{day}T00:00:00Z"
    return given


def _facts(one: TrailExportShown) -> list[Fact]:
    filters = ", ".join(f"{name}: {value}" for name, value in sorted(one.filters.items()))
    return [
        Fact(_("Only"), filters or None),
        Fact(_("Personal values"), _("in clear") if one.personal else _("left out")),
        Fact(_("Asked for"), one.created_at),
        Fact(_("Events"), one.events),
        Fact(_("Size"), _size(one.size) if one.standing is Standing.READY else None),
        Fact(_("Until"), one.expires_at if one.standing is Standing.READY else None),
    ]


def _size(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:  # noqa: PLR2004  the next unit
            return f"{size} {unit}"
        size //= 1000
    return f"{size} GB"


def _what(one: TrailExportShown) -> str:
    words = {
        Format.CSV: _("Trail as CSV"),
        Format.JSONL: _("Trail as JSON lines"),
        Format.BUNDLE: _("Trail as a bundle"),
    }
    return str(words[one.format])


def _state(one: TrailExportShown) -> Badge:
    words = {
        Standing.MAKING: _("Being made"),
        Standing.READY: _("Ready"),
        Standing.EXPIRED: _("Expired"),
        Standing.CANCELLED: _("Called off"),
        Standing.WITHDRAWN: _("Withdrawn"),
        Standing.LOST: _("Failed"),
    }
    return Badge(words[one.standing], _TONES.get(one.standing, Tone.PLAIN))


def _failure(one: TrailExportShown) -> str:
    if one.standing is Standing.WITHDRAWN:
        return str(
            _(
                "Somebody was erased who may have been in the file: it was deleted. Ask for"
                " another, which holds nothing of them."
            )
        )
    if one.standing is not Standing.LOST:
        return ""
    if one.failure == "trail_is_inconsistent":
        return str(_("The trail was changed, and cannot be proved: verify it to see where."))
    return str(_("Something went wrong on our side: ask for another export."))


def _url(tenant_id: str, export_id: str) -> str:
    return url_for("console.trail_export", tenant_id=tenant_id, export_id=export_id)
