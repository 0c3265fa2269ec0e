"""/console/tenants/<id>/copies: a tenant as an encrypted file, how far it is, and to take away."""

from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.tenancy.copies import LIST, CopyShown, PieceShown
from authserver.admin.api.tenants import TenantShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Listing, Table, table
from authserver.admin.console.parts.values import Code, Link, cell
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.jobs import badge
from authserver.admin.rest.operation import Reply
from authserver.core.problems import Problem
from authserver.jobs.values import OPEN

_KB = 1024
Here = dict[str, Any]


class _Differ(Problem):
    """The two passphrases are not the same."""

    status = 422
    field = "again"


class CopyScreens:
    """Screens about copies of a tenant."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        many = "/tenants/<tenant_id>/copies"
        one, tab = f"{many}/<job_id>", Tab("tenant", _l("Copies"))
        return (
            Screen(many, LIST, self.index, "list_copies", tab=tab, below="tenant"),
            Screen(f"{many}/new", "new_copy", self.new, "create_copy", below=LIST),
            Screen(one, "copy", self.show, "read_copy", below=LIST),
            Screen(f"{one}/take", "take_copy", self.take, "take_copy", below=LIST),
            Screen(f"{one}/delete", "delete_copy", self.delete, "delete_copy", below=LIST),
        )

    def index(self, tenant_id: str) -> Response:
        """List copies."""
        here: Here = {"tenant_id": tenant_id}
        return self._console.show_list(
            Listing(
                "list_copies",
                title=self._name(tenant_id),
                lead=_("Everything that another installation needs to go on with this"
                       " organization, in one encrypted file."),
                columns=(
                    Column(_("Begun"), lambda one: one.created_at),
                    Column(_("What is in it"),
                           lambda one: Link(_what(one), _url(tenant_id, one.id))),
                    Column(_("State"), lambda one: badge(one.state)),
                    Column(_("Can be taken until"), lambda one: one.expires_at),
                ),
                actions=(
                    Action(_("New copy"), url_for("console.new_copy", **here), "create_copy",
                           "primary"),
                ),
                empty=_("There is no copy. Make one to take the organization elsewhere."),
            ),
            here,
        )  # fmt: skip

    def new(self, tenant_id: str) -> Response:
        """Ask for the passphrase, twice: a typo would make the file worthless."""
        form = Form(
            "create_copy",
            title=_("New copy"),
            lead=_(
                "People, roles, clients with their secrets, connections and factors are in it, in"
                " clear for whoever has the file and the passphrase. Passwords, passkeys, sessions,"
                " keys and the trail are not."
            ),
            button=_("Make the copy"),
            back=url_for("console.copies", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field(
                    "passphrase",
                    _("Passphrase"),
                    Kind.SECRET,
                    hint=_("At least 12 characters. It is not kept here: without it, nobody can"
                           " read the file."),
                    most=200,
                ),
                Field("again", _("The passphrase again"), Kind.SECRET, most=200),
            ),
            prepare=_once,
        )  # fmt: skip
        return self._console.fill(form, lambda reply: self._begun(tenant_id, reply))

    def show(self, tenant_id: str, job_id: str) -> Response:
        """Show how far it is; the page looks again by itself until it is over."""
        path: Here = {"tenant_id": tenant_id, "job_id": job_id}
        one, _version = self._console.read("read_copy", CopyShown, path)
        ended = one.state not in OPEN
        return self._console.page(
            "console/copy.html",
            title=_("Copy of %(tenant)s", tenant=self._name(tenant_id)),
            lead="",
            id=one.id,
            one=one,
            state=cell(badge(one.state)),
            ended=ended,
            words=_("%(done)s of %(total)s rows are in it.", done=one.done, total=one.total),
            failure=failure_of(one.failure),
            about=_about(one) if one.there else (),
            rows=rows_of(one.rows) if one.rows else None,
            actions=[action for action in _actions(one, path) if self._console.may(action.does)],
        )

    def take(self, tenant_id: str, job_id: str) -> Response:
        """Give the file out, piece by piece; each stands in the trail."""
        path: Here = {"tenant_id": tenant_id, "job_id": job_id}
        form = Form(
            "take_copy",
            title=_("Take the copy?"),
            lead=_("Everybody who may read the trail sees that you took it. Keep the file and its"
                   " passphrase apart."),
            button=_("Download"),
            back=_url(tenant_id, job_id),
            path=path,
            downloads=True,
        )  # fmt: skip
        return self._console.fill(form, lambda reply: self._file(reply, path))

    def delete(self, tenant_id: str, job_id: str) -> Response:
        """Call it off, or delete it before its day is over."""
        form = Form(
            "delete_copy",
            title=_("Delete the copy?"),
            lead=_("What is made is deleted, what is not made yet is called off. A new one can be"
                   " made at any time."),
            button=_("Delete"),
            back=_url(tenant_id, job_id),
            path={"tenant_id": tenant_id, "job_id": job_id},
            danger=True,
        )  # fmt: skip
        url = url_for("console.copies", tenant_id=tenant_id)
        said = _("The copy is deleted.")
        return self._console.settle(form, said, onward=url)

    def _begun(self, tenant_id: str, reply: Reply) -> Response:
        job_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(_url(tenant_id, job_id), _("The copy is being made."))

    def _file(self, reply: Reply, path: Here) -> Response:
        def pieces() -> Iterator[bytes]:
            piece = _piece(reply)
            yield b64decode(piece.content)
            for number in range(2, piece.of + 1):
                asked = self._console.ask("take_copy", path, given={"number": number})
                yield b64decode(_piece(asked).content)

        tenant = self._console.read("read_tenant", TenantShown, {"tenant_id": path["tenant_id"]})[0]
        return Response(
            stream_with_context(pieces()),
            mimetype="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{tenant.slug}.copy"',
                "Cache-Control": "no-store",
            },
        )

    def _name(self, tenant_id: str) -> str:
        path = {"tenant_id": tenant_id}
        return self._console.read("read_tenant", TenantShown, path)[0].name


def rows_of(rows: Mapping[str, int]) -> Table:
    """Return how many rows there are of each table."""
    columns = (
        Column(_("Table"), lambda one: Code(one[0])),
        Column(_("Rows"), lambda one: one[1]),
    )
    return table(columns, sorted(rows.items()))


def failure_of(code: str | None) -> str:
    """Return why a job failed."""
    if code is None:
        return ""
    words = {
        "unfit_copy": _("The copy is damaged, or made by another release."),
        "conflict": _("Something of this organization is in this installation already."),
        "refused": _("Who handed it over may not do this, or it gives somebody more than they may"
                     " do."),
    }  # fmt: skip
    return str(words.get(code) or _("Something went wrong on our side. (%(code)s)", code=code))


def _once(given: dict[str, object]) -> dict[str, object]:
    if given.get("passphrase") != given.pop("again", None):
        raise _Differ(_("These are not the same."))
    return given


def _piece(reply: Reply) -> PieceShown:
    if not isinstance(reply.content, PieceShown):
        raise TypeError("take_copy shows pieces")
    return reply.content


def _actions(one: CopyShown, path: Here) -> Sequence[Action]:
    take, delete = (url_for(f"console.{name}", **path) for name in ("take_copy", "delete_copy"))
    if one.there:
        return (
            Action(_("Download"), take, "take_copy", "primary"),
            Action(_("Delete"), delete, "delete_copy", "danger"),
        )
    return (Action(_("Call off"), delete, "delete_copy", "danger"),) if one.state in OPEN else ()


def _about(one: CopyShown) -> Sequence[tuple[str, object, str]]:
    until = _("Afterwards it is deleted.")
    return (
        (_("Can be taken until"), cell(one.expires_at), until),
        (_("Size"), cell(_("%(kb)s kB", kb=-(-(one.size or 0) // _KB))), ""),
        ("SHA-256", cell(Code(one.sha256 or "")), _("Of the file, to compare.")),
    )


def _what(one: CopyShown) -> str:
    return str(_("%(rows)s rows", rows=sum(one.rows.values()) or one.total))


def _url(tenant_id: str, job_id: str) -> str:
    return url_for("console.copy", tenant_id=tenant_id, job_id=job_id)
