"""/console/tenants/<id>/webhooks: the list, a new one, one of them, what it is told, its end."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.webhooks.shown import (
    DeliveryPage,
    WebhookMade,
    WebhookShown,
    WebhooksShown,
)
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind, Secret
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Code, Link
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.webhooks.deliveries import columns
from authserver.admin.console.screens.webhooks.words import (
    ALL,
    ONE,
    path_of,
    state,
    url,
    why_paused,
)
from authserver.admin.rest.operation import Reply

_NEWEST = 8


class WebhookScreens:
    """Screens about endpoints."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        menu, below = Menu(Group.APPLICATIONS, _l("Webhooks"), "webhook"), "webhooks"
        return (
            Screen(ALL, below, self.index, "list_webhooks", menu=menu),
            Screen(f"{ALL}/new", "new_webhook", self.new, "create_webhook", below=below),
            Screen(ONE, "webhook", self.show, "read_webhook", below=below),
            Screen(f"{ONE}/edit", "edit_webhook", self.edit, "change_webhook", below=below),
            Screen(f"{ONE}/delete", "delete_webhook", self.delete, "delete_webhook", below=below),
            Screen(f"{ONE}/secrets/new", "rotate_webhook_secret", self.rotate,
                   "rotate_webhook_secret", below=below),
            Screen(f"{ONE}/test", "test_webhook", self.test, "test_webhook", below=below),
            Screen(f"{ONE}/pause", "pause_webhook", self.pause, "pause_webhook", below=below),
            Screen(f"{ONE}/resume", "resume_webhook", self.resume, "resume_webhook", below=below),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List the tenant's webhooks."""
        found = self._console.read("list_webhooks", WebhooksShown, {"tenant_id": tenant_id})[0]
        listed = table(
            (
                Column(_("Server"), lambda one: Link(one.url, url(tenant_id, one.id))),
                Column(_("What it is for"), lambda one: one.description),
                Column(_("Events"), lambda one: [Code(name) for name in one.events]),
                Column(_("State"), state),
            ),
            found.items,
            _("There is none yet. Add one, and your own programs learn at once what happens here."),
        )
        new = url_for("console.new_webhook", tenant_id=tenant_id)
        return self._console.show_detail(
            Detail(
                _("Webhooks"),
                (Section(_("Servers that are told"), table=listed),),
                lead=_(
                    "Servers of yours that are told of events, signed, in order and until they take"
                    " them (Standard Webhooks)."
                ),
                actions=(Action(_("New webhook"), new, "create_webhook", "primary"),),
            )
        )

    def new(self, tenant_id: str) -> Response:
        """Register one; its secret is shown once."""
        form = Form(
            "create_webhook",
            title=_("New webhook"),
            lead=_("After this you see the secret that signs messages: once, and never again."),
            button=_("Add"),
            back=url_for("console.webhooks", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=_fields(None),
        )
        return self._console.fill(form, lambda reply: self._made(tenant_id, reply))

    def show(self, tenant_id: str, webhook_id: str) -> Response:
        """Show one, with what was sent to it last."""
        one = self._read(tenant_id, webhook_id)[0]
        path = path_of(tenant_id, webhook_id)
        found = self._console.ask("list_webhook_deliveries", path, given={"limit": _NEWEST})
        newest = found.content.items if isinstance(found.content, DeliveryPage) else ()
        about = (
            Fact(_("Server"), Code(one.url)),
            Fact(_("What it is for"), one.description),
            Fact(_("Events"), [Code(name) for name in one.events]),
            Fact(_("Failing since"), one.failing_since),
            Fact(_("Created"), one.created_at),
        )
        every = url(tenant_id, webhook_id, "webhook_deliveries")
        return self._console.show_detail(
            Detail(
                one.description or one.url,
                (
                    Section(_("About"), about),
                    Section(
                        _("Newest deliveries"),
                        table=table(
                            columns(tenant_id),
                            newest,
                            _("Nothing was sent yet. Send a test to see whether it arrives."),
                        ),
                        actions=(Action(_("All deliveries"), every, "list_webhook_deliveries"),),
                    ),
                ),
                id=one.id,
                lead=why_paused(one),
                badges=(state(one),),
                actions=_acts(tenant_id, one),
            )
        )

    def edit(self, tenant_id: str, webhook_id: str) -> Response:
        """Change one."""
        one, version = self._read(tenant_id, webhook_id)
        form = Form(
            "change_webhook",
            title=_("Edit the webhook"),
            lead=_("What waits already goes to the new URL."),
            button=_("Save"),
            back=url(tenant_id, webhook_id),
            path=path_of(tenant_id, webhook_id),
            fields=_fields(one),
            version=version,
            prepare=lambda given: {name: value or "" for name, value in given.items()},
        )
        return self._done(form, url(tenant_id, webhook_id), _("Saved."))

    def delete(self, tenant_id: str, webhook_id: str) -> Response:
        """Take one away."""
        one = self._read(tenant_id, webhook_id)[0]
        form = Form(
            "delete_webhook",
            title=_("Delete the webhook?"),
            lead=_("The server is told nothing any more, and what waits for it is gone."),
            button=_("Delete"),
            back=url(tenant_id, webhook_id),
            path=path_of(tenant_id, webhook_id),
            danger=True,
            retype=one.description or one.url,
        )
        onward = url_for("console.webhooks", tenant_id=tenant_id)
        return self._done(form, onward, _("The webhook was deleted."))

    def rotate(self, tenant_id: str, webhook_id: str) -> Response:
        """Give one a new secret, which is shown once."""
        self._read(tenant_id, webhook_id)
        hours = {
            "0": _("Not at all: it leaked"),
            "1": _("One hour"),
            "24": _("One day"),
            "168": _("One week"),
        }
        form = Form(
            "rotate_webhook_secret",
            title=_("A new secret for the webhook"),
            lead=_("Until the present secret ends, every message is signed with both."),
            button=_("Make a new secret"),
            back=url(tenant_id, webhook_id),
            path=path_of(tenant_id, webhook_id),
            fields=(
                Field(
                    "overlap_hours",
                    _("The present secret signs for"),
                    Kind.CHOICE,
                    value="24",
                    choices=hours,
                    number=True,
                ),
            ),
        )
        return self._console.fill(form, lambda reply: self._made(tenant_id, reply))

    def test(self, tenant_id: str, webhook_id: str) -> Response:
        """Send something."""
        title, button = _("Send a test?"), _("Send a test")
        lead = _("The server gets an event that says nothing. What comes of it is listed here.")
        form = _form("test_webhook", tenant_id, webhook_id, words=(title, lead, button))
        return self._done(form, url(tenant_id, webhook_id), _("A test is on its way."))

    def pause(self, tenant_id: str, webhook_id: str) -> Response:
        """Send nothing for now."""
        title, button = _("Pause the webhook?"), _("Pause")
        lead = _("Nothing is sent until it is resumed; what happens waits for thirty days.")
        form = _form("pause_webhook", tenant_id, webhook_id, words=(title, lead, button))
        return self._done(form, url(tenant_id, webhook_id), _("The webhook is paused."))

    def resume(self, tenant_id: str, webhook_id: str) -> Response:
        """Send again."""
        title, button = _("Resume the webhook?"), _("Resume")
        lead = _(
            "What waited is sent now, in order; what was given up is sent again if you say so."
        )
        form = _form("resume_webhook", tenant_id, webhook_id, words=(title, lead, button))
        return self._done(form, url(tenant_id, webhook_id), _("The webhook is active."))

    def _done(self, form: Form, onward: str, said: str) -> Response:
        return self._console.settle(form, said, onward=onward)

    def _made(self, tenant_id: str, reply: Reply) -> Response:
        onward = url(tenant_id, (reply.location or "").rpartition("/")[2])
        if not isinstance(reply.content, WebhookMade):  # the form was sent twice
            return self._console.go(onward, _("The secret was made, and shown when it was."))
        return self._console.show_secret(
            Secret(
                _("Keep the secret of the webhook"),
                _("With it your server checks that a message is from here. Show it nobody else."),
                {_("Secret"): reply.content.secret},
                onward,
                "webhook-secret.txt",
            )
        )

    def _read(self, tenant_id: str, webhook_id: str) -> tuple[WebhookShown, int]:
        return self._console.read("read_webhook", WebhookShown, path_of(tenant_id, webhook_id))


def _acts(tenant_id: str, one: WebhookShown) -> tuple[Action, ...]:
    def act(text: str, screen: str, kind: str = "secondary") -> Action:
        return Action(text, url(tenant_id, one.id, screen), screen, kind)

    edit = Action(_("Edit"), url(tenant_id, one.id, "edit_webhook"), "change_webhook")
    switched = (
        (act(_("Resume"), "resume_webhook", "primary"),)
        if one.paused_at
        else (act(_("Send a test"), "test_webhook"), act(_("Pause"), "pause_webhook"))
    )
    rotate = act(_("New secret"), "rotate_webhook_secret")
    return (*switched, edit, rotate, act(_("Delete"), "delete_webhook", "danger"))


def _form(does: str, tenant_id: str, webhook_id: str, *, words: tuple[str, str, str]) -> Form:
    title, lead, button = words
    path = path_of(tenant_id, webhook_id)
    return Form(does, title, button, url(tenant_id, webhook_id), path=path, lead=lead)


def _fields(one: WebhookShown | None) -> tuple[Field, ...]:
    return (
        Field(
            "url",
            _("Server"),
            Kind.URL,
            value=one and one.url,
            hint=_("An https URL that anybody can reach, and that answers within ten seconds."),
            most=1000,
            mono=True,
        ),
        Field(
            "description",
            _("What it is for"),
            value=one and one.description,
            optional=True,
            most=120,
        ),
        Field(
            "events",
            _("Events"),
            Kind.LINES,
            value=one and one.events,
            hint=_("One a line: a type such as user.created, a noun such as user.*, or * for all."),
            mono=True,
        ),
    )
