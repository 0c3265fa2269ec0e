"""/console/tenants/<id>/trail/contact: whom the trail's checkpoint is mailed to, once a day."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.contact import ContactShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action
from authserver.admin.console.screen import Screen, Tab


class ContactScreens:
    """Screens about a tenant's security contact."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        one = "/tenants/<tenant_id>/trail/contact"
        return (
            Screen(one, "trail_contact", self.show, "read_contact",
                   tab=Tab("trail", _l("Security contact")), below="events"),
            Screen(f"{one}/change", "name_contact", self.change, "name_contact", below="events"),
            Screen(f"{one}/remove", "remove_contact", self.remove, "remove_contact",
                   below="events"),
        )  # fmt: skip

    def show(self, tenant_id: str) -> Response:
        """Show the contact, and what it was mailed last."""
        one = self._read(tenant_id)
        change = url_for("console.name_contact", tenant_id=tenant_id)
        text = _("Change") if one.address else _("Add")
        actions = [Action(text, change, "name_contact")]
        if one.address:
            url = url_for("console.remove_contact", tenant_id=tenant_id)
            actions.append(Action(_("Remove"), url, "remove_contact", "danger"))
        return self._console.show_detail(
            Detail(
                _("Trail"),
                (Section(_("Security contact"), _facts(one), actions=tuple(actions)),),
                lead=_("The mailbox of your security team gets the newest signed checkpoint of this"
                       " trail once a day. Whoever keeps the mails can hold this server to them."),
            )
        )  # fmt: skip

    def change(self, tenant_id: str) -> Response:
        """Name a contact."""
        form = Form(
            "name_contact",
            title=_("Security contact"),
            lead=_("Best is the mailbox of a team, where nobody of this server can delete."),
            button=_("Save"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field("address", _("Email address"), Kind.EMAIL, most=254,
                      value=self._read(tenant_id).address,
                      hint=_("The first mail is sent within the hour: look whether it arrives.")),
            ),
        )  # fmt: skip
        said = _("The checkpoint is mailed there once a day.")
        return self._console.fill(form, lambda _r: self._console.go(_url(tenant_id), said))

    def remove(self, tenant_id: str) -> Response:
        """Let nobody be mailed any more."""
        form = Form(
            "remove_contact",
            title=_("Remove the security contact?"),
            lead=_("Nobody is mailed the checkpoint any more. What was mailed stays good."),
            button=_("Remove"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            danger=True,
        )
        said = _("Nobody is mailed the checkpoint any more.")
        return self._console.fill(form, lambda _r: self._console.go(_url(tenant_id), said))

    def _read(self, tenant_id: str) -> ContactShown:
        return self._console.read("read_contact", ContactShown, {"tenant_id": tenant_id})[0]


def _facts(one: ContactShown) -> tuple[Fact, ...]:
    if one.address is None:
        return (Fact(_("Email address"), None, _("Nobody is mailed.")),)
    waits = "" if one.told_at else _("The first mail is sent within the hour.")
    return (
        Fact(_("Email address"), one.address),
        Fact(_("Mailed last"), one.told_at, waits),
        Fact(_("Checkpoint"), one.checkpoint),
    )


def _url(tenant_id: str) -> str:
    return url_for("console.trail_contact", tenant_id=tenant_id)
