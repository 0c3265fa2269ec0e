"""Deliveries of a webhook: the list, one of them, and having them made again."""

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.admin.api.webhooks.shown import DeliveryShown, Replayed, WebhookShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.webhooks.words import (
    ONE,
    delivery_state,
    delivery_states,
    path_of,
    url,
)
from authserver.admin.rest.operation import Reply

_IDS = "ids"


class DeliveryOfWebhookScreens:
    """Screens about deliveries."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        below, every = "webhooks", f"{ONE}/deliveries"
        return (
            Screen(every, "webhook_deliveries", self.index, "list_webhook_deliveries", below=below),
            Screen(f"{every}/<delivery_id>", "webhook_delivery", self.show,
                   "read_webhook_delivery", below=below),
            Screen(f"{ONE}/replay", "replay_webhook", self.replay, "replay_webhook", below=below),
        )  # fmt: skip

    def index(self, tenant_id: str, webhook_id: str) -> Response:
        """List what was sent, and what waits."""
        path = path_of(tenant_id, webhook_id)
        one = self._console.read("read_webhook", WebhookShown, path)[0]
        again = url(tenant_id, webhook_id, "replay_webhook")
        return self._console.show_list(
            Listing(
                "list_webhook_deliveries",
                title=_("Deliveries"),
                lead=one.url,
                columns=columns(tenant_id),
                filters=(Filter("state", _("State"), delivery_states()),),
                actions=(Action(_("Send again what was given up"), again, "replay_webhook"),),
                empty=_("Nothing was sent yet. Send a test to see whether it arrives."),
            ),
            path,
        )

    def show(self, tenant_id: str, webhook_id: str, delivery_id: str) -> Response:
        """Show one, with what the server answered."""
        path = {**path_of(tenant_id, webhook_id), "delivery_id": delivery_id}
        one = self._console.read("read_webhook_delivery", DeliveryShown, path)[0]
        again = url(tenant_id, webhook_id, "replay_webhook", id=one.id)
        event = self._event(tenant_id, one.event_id)
        about = (
            Fact(_("Event"), event),
            Fact(_("Happened"), one.created_at),
            Fact(_("Attempts"), one.attempts),
            Fact(_("Last attempt"), one.tried_at),
            Fact(_("Next attempt"), one.due_at),
            Fact(_("Delivered"), one.sent_at),
            Fact(_("Given up"), one.failed_at),
        )
        answer = (
            Fact(_("Status"), str(one.status) if one.status else None),
            Fact(_("Last error"), one.error),
            Fact(_("Answer"), one.answer, _("Its beginning, where the server refused.")),
        )
        return self._console.show_detail(
            Detail(
                one.event_type,
                (Section(_("Delivery"), about), Section(_("Answer"), answer)),
                id=one.id,
                badges=(delivery_state(one),),
                actions=(Action(_("Send again"), again, "replay_webhook"),)
                if one.state != "sending"
                else (),
            )
        )

    def replay(self, tenant_id: str, webhook_id: str) -> Response:
        """Send one again, or all that were given up."""
        one = request.args.get("id") or request.form.get(_IDS, "")
        form = Form(
            "replay_webhook",
            title=_("Send this event again?") if one else _("Send again what was given up?"),
            lead=_("It is tried at once and for three days. The server knows the event by its id."),
            button=_("Send again"),
            back=url(tenant_id, webhook_id, "webhook_deliveries"),
            path=path_of(tenant_id, webhook_id),
            fields=(Field(_IDS, _("Id"), Kind.LINES, value=[one], mono=True),) if one else (),
        )
        return self._console.fill(form, lambda reply: self._replayed(tenant_id, webhook_id, reply))

    def _event(self, tenant_id: str, event_id: str) -> Link | Code:
        """Return the way to the event in the trail, for whoever may read that."""
        if not self._console.may("read_event"):
            return Code(event_id)
        return Link(event_id, url_for("console.event", tenant_id=tenant_id, event_id=event_id))

    def _replayed(self, tenant_id: str, webhook_id: str, reply: Reply) -> Response:
        count = len(reply.content.ids) if isinstance(reply.content, Replayed) else 0
        said = ngettext("One is due now.", "%(num)s are due now.", count)
        where = url(tenant_id, webhook_id, "webhook_deliveries")
        return self._console.go(where, said if count else _("There was nothing to try again."))


def columns(tenant_id: str) -> tuple[Column, ...]:
    """Return what a list says of deliveries."""

    def link(one: DeliveryShown) -> Link:
        where = url(tenant_id, one.webhook_id, "webhook_delivery", delivery_id=one.id)
        return Link(one.event_type, where)

    return (
        Column(_("Event"), link),
        Column(_("State"), delivery_state),
        Column(_("Status"), lambda one: str(one.status) if one.status else None),
        Column(_("Attempts"), lambda one: one.attempts),
        Column(_("Last error"), lambda one: one.error),
        Column(_("Happened"), lambda one: one.created_at),
    )
