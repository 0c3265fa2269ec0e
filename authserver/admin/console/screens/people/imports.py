"""/console/tenants/<id>/imports: a file of people, how far it is, and what was refused."""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.admin.api.imports import ImportShown, RefusalPage
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Form
from authserver.admin.console.parts.lists import Action, Column, Listing, table
from authserver.admin.console.parts.values import Link, cell
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.jobs import badge
from authserver.admin.console.words import of_problem
from authserver.core.problems import Problem
from authserver.jobs.values import OPEN
from authserver.people.importing import reading
from authserver.people.importing.reading import COLUMNS, Format, UnreadableRows

FILE, MOST = "file", 4 * 1024 * 1024
_PART = 30_000  # characters, of which a part of the API's has room for twice as many
_SHOWN = 100


class ImportScreens:
    """Screens about imports of people."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        many = "/tenants/<tenant_id>/imports"
        one = f"{many}/<job_id>"
        menu = Menu(Group.PEOPLE, _l("Imports"), "file-text")
        return (
            Screen(many, "imports", self.index, "list_imports", menu=menu),
            Screen(f"{many}/new", "new_import", self.new, "create_import", below="imports"),
            Screen(one, "import", self.show, "read_import", below="imports"),
            Screen(f"{one}/refusals", "refusals", self.refusals, "list_refusals", below="imports"),
            Screen(f"{one}/cancel", "cancel_import", self.cancel, "cancel_import",
                   below="imports"),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List imports."""
        return self._console.show_list(
            Listing(
                "list_imports",
                title=_("Imports"),
                lead=_("Many people at once, from a file, in the background."),
                columns=(
                    Column(_("Begun"), lambda one: one.created_at),
                    Column(_("Import"), lambda one: Link(_what(one), _url(tenant_id, one.id))),
                    Column(_("State"), lambda one: badge(one.state)),
                    Column(_("Rows"), lambda one: one.total),
                    Column(_("Refused"), lambda one: one.refused),
                ),
                actions=(
                    Action(_("New import"), url_for("console.new_import", tenant_id=tenant_id),
                           "create_import", "primary"),
                ),
                empty=_("Nobody has been imported yet."),
            ),
            {"tenant_id": tenant_id},
        )  # fmt: skip

    def new(self, tenant_id: str) -> Response:
        """Take a file, and start."""
        if request.method != "POST":
            return self._upload(tenant_id)
        file = request.files.get(FILE)
        raw = b"" if file is None else file.read()
        dry_run = "dry_run" in request.form
        try:
            job_id = self._handed_over(tenant_id, _text(raw), dry_run=dry_run)
        except Problem as problem:
            return self._upload(tenant_id, error=of_problem(problem), status=problem.status)
        said = _("The rows are there: the work begins.")
        return self._console.go(_url(tenant_id, job_id), said)

    def show(self, tenant_id: str, job_id: str) -> Response:
        """Show how far it is; the page looks again by itself until it is over."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "job_id": job_id}
        one, _version = self._console.read("read_import", ImportShown, path)
        given = {"limit": _SHOWN}
        page = self._console.ask("list_refusals", path, given=given).content
        found = page.items if isinstance(page, RefusalPage) else ()
        ended = one.state not in OPEN
        return self._console.page(
            "console/import.html",
            title=_what(one),
            id=one.id,
            one=one,
            state=cell(badge(one.state)),
            ended=ended,
            failure=_failure(one.failure),
            refusals=table(_refusal_columns(), found, _("No row was refused.")),
            more_url=url_for("console.refusals", **path) if one.refused > len(found) else None,
            cancel_url=None
            if ended or not self._console.may("cancel_import")
            else url_for("console.cancel_import", **path),
        )

    def refusals(self, tenant_id: str, job_id: str) -> Response:
        """List every row that was refused."""
        return self._console.show_list(
            Listing(
                "list_refusals",
                title=_("Refused rows"),
                lead=_("What the rows said is not kept: look their numbers up in your file."),
                columns=_refusal_columns(),
                empty=_("No row was refused."),
            ),
            {"tenant_id": tenant_id, "job_id": job_id},
        )

    def cancel(self, tenant_id: str, job_id: str) -> Response:
        """Call it off."""
        form = Form(
            "cancel_import",
            title=_("Call the import off?"),
            lead=_("The accounts that are made stay; the rest of the rows are forgotten."),
            button=_("Call off"),
            back=_url(tenant_id, job_id),
            path={"tenant_id": tenant_id, "job_id": job_id},
            danger=True,
        )
        return self._console.settle(form, _("The import is called off."))

    def _handed_over(self, tenant_id: str, text: str, *, dry_run: bool) -> str:
        """Hand the rows over, part by part, and start; return the job's id."""
        form = Format.JSONL if text.lstrip()[:1] == "{" else Format.CSV
        columns = reading.header_of(text.split("\n", 1)[0]) if form is Format.CSV else ()
        given = {"format": form.value, "columns": list(columns), "dry_run": dry_run}
        made = self._console.ask("create_import", {"tenant_id": tenant_id}, given=given)
        job_id = (made.location or "").rpartition("/")[2]
        path: dict[str, Any] = {"tenant_id": tenant_id, "job_id": job_id}
        try:
            for number, part in enumerate(reading.parts_of(text, form, _PART), 1):
                self._console.ask("add_part", path, given={"number": number, "text": part})
            self._console.ask("start_import", path)
        except Problem:
            self._console.ask("cancel_import", path)
            raise
        return job_id

    def _upload(self, tenant_id: str, *, error: str = "", status: int = 200) -> Response:
        return self._console.page(
            "console/upload.html",
            status=status,
            title=_("New import"),
            error=error,
            columns=COLUMNS,
            most=MOST // (1024 * 1024),
            back=url_for("console.imports", tenant_id=tenant_id),
        )


def _text(raw: bytes) -> str:
    if not raw:
        raise UnreadableRows(_("Choose a file first."))
    if len(raw) > MOST:
        raise UnreadableRows(
            _("This file is too large for this page: use the API or the command line.")
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableRows(_("The file is not UTF-8.")) from error


def _refusal_columns() -> tuple[Column, ...]:
    return (
        Column(_("Row"), lambda one: one.number),
        Column(_("Field"), lambda one: one.field or None),
        Column(_("Why"), lambda one: _why(one.code)),
    )


def _why(code: str) -> str:
    words = {
        "unusable": _("This is not an address that can be used."),
        "taken": _("There is an account with this address already."),
        "unfit": _("This cannot be so."),
        "unknown_role": _("There is no such role."),
        "refused": _("The role allows more than the importer may do."),
        "unfit_password_hash": _("This hash cannot be imported."),
        "not_a_domain_of_the_tenant": _("The domain is not proved to be the organization's."),
        "neither_true_nor_false": _("This is neither true nor false."),
        "unknown_column": _("There is no such column."),
    }
    return str(words.get(code, code))


def _failure(code: str | None) -> str:
    if code is None:
        return ""
    if code == "refused":
        return str(_("Whoever began it may not import people any more, or nobody can join."))
    return str(_("Something went wrong on our side: begin another import. (%(code)s)", code=code))


def _what(one: ImportShown) -> str:
    if one.dry_run:
        return str(ngettext("Check of %(num)s row", "Check of %(num)s rows", one.total))
    return str(ngettext("Import of %(num)s row", "Import of %(num)s rows", one.total))


def _url(tenant_id: str, job_id: str) -> str:
    return url_for("console.import", tenant_id=tenant_id, job_id=job_id)
