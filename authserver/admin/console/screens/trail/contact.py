"""/console/tenants/<id>/trail/contact: whom the trail's checkpoint is mailed to, once a day."""

from collections.abc import Iterator, Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.contact import ContactShown, WaitingContact
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
        acts = (
            ("change", self.change, "name_contact"),
            ("remove", self.remove, "remove_contact"),
            ("resend", self.resend, "resend_contact"),
            ("withdraw", self.withdraw, "withdraw_contact"),
        )
        return (
            Screen(one, "trail_contact", self.show, "read_contact",
                   tab=Tab("trail", _l("Security contact")), below="events"),
            *(Screen(f"{one}/{path}", does, view, does, below="events")
              for path, view, does in acts),
        )  # fmt: skip

    def show(self, tenant_id: str) -> Response:
        """Show the contact, what it was mailed last, and the mailbox that waits."""
        one = self._read(tenant_id)
        return self._console.show_detail(
            Detail(
                _("Trail"),
                tuple(_sections(tenant_id, one)),
                lead=_("The mailbox of your security team gets the newest signed checkpoint of this"
                       " trail once a day. Whoever keeps the mails can hold this server to them."),
            )
        )  # fmt: skip

    def change(self, tenant_id: str) -> Response:
        """Name a contact."""
        one = self._read(tenant_id)
        stays = _("Until then the present contact gets the mails. It is told of the change.")
        form = Form(
            "name_contact",
            title=_("Security contact"),
            lead=_("Best is the mailbox of a team, where nobody of this server can delete."),
            button=_("Send link"),
            back=_url(tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field("address", _("Email address"), Kind.EMAIL, most=254, value=one.address,
                      hint=" ".join([
                          str(_("A link goes there, good for a day: the mailbox becomes the contact"
                                " when somebody opens it and confirms.")),
                          *([str(stays)] if one.address else []),
                      ])),
            ),
        )  # fmt: skip
        return self._console.settle(form, _("Look whether the mail arrives, and confirm it there."))

    def remove(self, tenant_id: str) -> Response:
        """Let nobody be mailed any more."""
        form = _question(
            tenant_id, "remove_contact", title=_("Remove the security contact?"),
            lead=_("Nobody is mailed the checkpoint any more, and the mailbox is told so. What was"
              " mailed stays good."),
            button=_("Remove"), danger=True,
        )  # fmt: skip
        return self._console.settle(form, _("Nobody is mailed the checkpoint any more."))

    def resend(self, tenant_id: str) -> Response:
        """Mail the link again."""
        form = _question(
            tenant_id, "resend_contact", title=_("Mail the link again?"),
            lead=_("The new link is good for a day again. The one of before ends."),
            button=_("Send"),
        )  # fmt: skip
        return self._console.settle(form, _("The mail is on its way."))

    def withdraw(self, tenant_id: str) -> Response:
        """Call off the mailbox that waits."""
        form = _question(
            tenant_id, "withdraw_contact", title=_("Call the change off?"),
            lead=_("The mailed link is worth nothing any more. The contact stays as it is."),
            button=_("Call off"), danger=True,
        )  # fmt: skip
        return self._console.settle(form, _("The change was called off."))

    def _read(self, tenant_id: str) -> ContactShown:
        return self._console.read("read_contact", ContactShown, {"tenant_id": tenant_id})[0]


def _sections(tenant_id: str, one: ContactShown) -> Iterator[Section]:
    text = _("Change") if one.address or one.waiting else _("Add")
    actions = [_action(tenant_id, "name_contact", text)]
    if one.address:
        actions.append(_action(tenant_id, "remove_contact", _("Remove"), kind="danger"))
    yield Section(_("Security contact"), _facts(one), actions=tuple(actions))
    if one.waiting:
        again = _action(tenant_id, "resend_contact", _("Mail again"))
        back = _action(tenant_id, "withdraw_contact", _("Call off"), kind="danger")
        yield Section(
            _("Waiting for confirmation"), _waiting(one.waiting), actions=(again, back),
            lead=_("This mailbox becomes the contact when somebody who reads it confirms it."),
        )  # fmt: skip


def _facts(one: ContactShown) -> tuple[Fact, ...]:
    if one.address is None:
        return (Fact(_("Email address"), None, _("Nobody is mailed.")),)
    waits = "" if one.told_at else _("The first mail is sent within the hour.")
    return (
        Fact(_("Email address"), one.address),
        Fact(_("Mailed last"), one.told_at, waits),
        Fact(_("Checkpoint"), one.checkpoint),
    )


def _waiting(one: WaitingContact) -> tuple[Fact, ...]:
    return (
        Fact(_("Email address"), one.address),
        Fact(_("Link good until"), one.until),
    )


def _question(
    tenant_id: str, does: str, *, title: str, lead: str, button: str, danger: bool = False
) -> Form:
    return Form(
        does, title=title, lead=lead, button=button, back=_url(tenant_id),
        path={"tenant_id": tenant_id}, danger=danger,
    )  # fmt: skip


def _action(tenant_id: str, does: str, text: str, *, kind: str = "secondary") -> Action:
    return Action(text, url_for(f"console.{does}", tenant_id=tenant_id), does, kind)


def _url(tenant_id: str) -> str:
    return url_for("console.trail_contact", tenant_id=tenant_id)
