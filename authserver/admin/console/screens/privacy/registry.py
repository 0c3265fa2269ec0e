"""/console/.../privacy/registry: what is stored about people, why, and what erasure does to it."""

from collections.abc import Sequence
from itertools import groupby

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.privacy.registry import EntryList, EntryShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone
from authserver.admin.console.screen import Group, Menu, Screen


class RegistryScreen:
    """The register."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        menu = Menu(Group.TENANT, _l("Stored data"), "file-text")
        path = "/tenants/<tenant_id>/privacy/registry"
        return (Screen(path, "registry", self.show, "read_registry", menu=menu),)

    def show(self, tenant_id: str) -> Response:
        """Show every table with something about people, and its columns."""
        path = {"tenant_id": tenant_id}
        found, _version = self._console.read("read_registry", EntryList, path)
        by_table = groupby(found.items, key=lambda one: one.table)
        sections = [_section(name, [*entries]) for name, entries in by_table]
        lead = _(
            "Everything that is stored about people, made from the declarations of the columns."
            " Beside these there are only ids, times and settings."
        )
        return self._console.show_detail(Detail(_("Stored data"), sections, lead=lead))


def _section(name: str, entries: Sequence[EntryShown]) -> Section:
    first = entries[0]
    columns = (
        Column(_("Column"), lambda one: Code(one.column)),
        Column(_("In a copy"), lambda one: one.exported),
        Column(_("At an erasure"), _erased),
    )
    return Section(
        name,
        (Fact(_("What for"), _(first.purpose)), Fact(_("How long"), _(first.until))),
        table=table(columns, entries),
    )


def _erased(one: EntryShown) -> Badge:
    words = {
        "blank": Badge(_("Emptied"), Tone.GOOD),
        "delete row": Badge(_("Row deleted"), Tone.GOOD),
        "keep": Badge(_("Says nothing any more")),
    }
    return words[one.on_erasure]
