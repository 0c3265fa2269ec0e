"""/console/tenant-copies: tenants of other installations, handed over as files."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.arrivals import ArrivalShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Listing
from authserver.admin.console.parts.values import Code, Link, cell
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.jobs import badge
from authserver.admin.console.screens.tenants.copies import failure_of, rows_of
from authserver.admin.rest.operation import Reply
from authserver.jobs.values import OPEN, State


class ArrivalScreens:
    """Screens about tenants that come from elsewhere."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        many = "/tenant-copies"
        return (
            Screen(many, "arrivals", self.index, "list_arrivals", below="tenants"),
            Screen(f"{many}/new", "import_tenant", self.new, "create_arrival", below="arrivals"),
            Screen(f"{many}/<job_id>", "arrival", self.show, "read_arrival", below="arrivals"),
        )

    def index(self) -> Response:
        """List what was handed over."""
        return self._console.show_list(
            Listing(
                "list_arrivals",
                title=_("Imported tenants"),
                lead=_("Organizations that came from other installations, as encrypted files."),
                columns=(
                    Column(_("Begun"), lambda one: one.created_at),
                    Column(_("Short name"), lambda one: Link(one.slug, _url(one.id))),
                    Column(_("State"), lambda one: badge(one.state)),
                ),
                actions=(
                    Action(_("Import a tenant"), url_for("console.import_tenant"),
                           "create_arrival", "primary"),
                ),
                empty=_("No organization came from elsewhere yet."),
            )
        )  # fmt: skip

    def new(self) -> Response:
        """Take a file and its passphrase."""
        form = Form(
            "create_arrival",
            title=_("Import a tenant"),
            lead=_(
                "The whole organization is made of the copy, or nothing. Domains are proved again,"
                " and people set new passwords and passkeys. Take copies of people you trust only:"
                " whoever knows the passphrase could have changed what is in it."
            ),
            button=_("Begin"),
            back=url_for("console.arrivals"),
            fields=(
                Field(
                    "file",
                    _("File"),
                    Kind.FILE,
                    hint=_("At most 7 MB here, 16 MB by the API, any by the command line."),
                    accept=".copy,application/octet-stream",
                ),
                Field("passphrase", _("Passphrase"), Kind.SECRET, most=200),
                Field(
                    "slug",
                    _("Another short name"),
                    hint=_("Only where that of the copy is taken."),
                    optional=True,
                    mono=True,
                    most=63,
                ),
            ),
        )
        return self._console.fill(form, self._begun)

    def show(self, job_id: str) -> Response:
        """Show what became of one; the page looks again by itself until it is over."""
        path: dict[str, Any] = {"job_id": job_id}
        one, _version = self._console.read("read_arrival", ArrivalShown, path)
        made = one.tenant_id and url_for("console.tenant", tenant_id=one.tenant_id)
        open_it = Action(_("Look at the tenant"), str(made), "read_tenant", "primary")
        return self._console.page(
            "console/copy.html",
            title=_("Import of %(slug)s", slug=one.slug),
            lead=_("The organization is there when all of it is."),
            id=one.id,
            one={"total": 1, "done": int(one.state is State.DONE)},
            state=cell(badge(one.state)),
            ended=one.state not in OPEN,
            words=_words(one),
            failure=failure_of(one.failure),
            about=[(_("Short name"), cell(Code(one.slug)), "")],
            rows=rows_of(one.rows) if one.rows else None,
            actions=[open_it] if made else [],
        )

    def _begun(self, reply: Reply) -> Response:
        job_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(_url(job_id), _("The copy is there: the work begins."))


def _words(one: ArrivalShown) -> str:
    if one.state is State.DONE:
        return str(_("Everything was made."))
    return str(_("Nothing was made.") if one.failure else _("Nothing is made yet."))


def _url(job_id: str) -> str:
    return url_for("console.arrival", job_id=job_id)
