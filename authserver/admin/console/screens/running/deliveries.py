"""/console/mails and /logouts, of the platform and of a tenant: what waits, what was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.admin.api.running.deliveries import LogoutShown, MailShown, Retried
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Code, Link, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.rest.operation import Reply

_MAILS, _LOGOUTS = "mails", "logouts"
_IDS = "ids"


@dataclass(frozen=True)
class _Place:
    """What is shown of whom: the platform's (everybody's) mails or notices, or a tenant's."""

    kind: str
    path: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the name of the list's screen."""
        return f"tenant_{self.kind}" if self.path else self.kind

    @property
    def act(self) -> str:
        """Return the name of the operation that retries, and of its screen."""
        return f"retry_{self.name}"

    def url(self) -> str:
        """Return where the list is."""
        values: dict[str, Any] = {**self.path}
        return url_for(f"console.{self.name}", **values)

    def retry_url(self, **query: str) -> str:
        """Return where it is asked whether to try again."""
        values: dict[str, Any] = {**self.path, **query}
        return url_for(f"console.{self.act}", **values)


class DeliveryScreens:
    """Screens about what is to be delivered."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens: mails and sign-outs as tabs, for the platform and for a tenant."""
        return (
            *self._screens(Group.PLATFORM, "", ""),
            *self._screens(Group.TENANT, "/tenants/<tenant_id>", "tenant_"),
        )

    def _screens(self, group: Group, start: str, prefix: str) -> Sequence[Screen]:
        about, menu = f"{prefix}deliveries", Menu(group, _l("Deliveries"), "send")
        mails, logouts = f"{prefix}{_MAILS}", f"{prefix}{_LOGOUTS}"
        return (
            Screen(f"{start}/mails", mails, self.mails, f"list_{mails}", menu=menu,
                   tab=Tab(about, _l("Mails"))),
            Screen(f"{start}/mails/retry", f"retry_{mails}", self.retry_mails, f"retry_{mails}",
                   below=mails),
            Screen(f"{start}/logouts", logouts, self.logouts, f"list_{logouts}",
                   tab=Tab(about, _l("Sign-outs")), below=mails),
            Screen(f"{start}/logouts/retry", f"retry_{logouts}", self.retry_logouts,
                   f"retry_{logouts}", below=mails),
        )  # fmt: skip

    def mails(self, tenant_id: str | None = None) -> Response:
        """List mails."""
        place = _place(_MAILS, tenant_id)
        return self._console.show_list(
            Listing(
                f"list_{place.name}",
                title=_("Mails"),
                lead=_("What was mailed, and what became of it. Not to whom, nor what it says."),
                columns=(
                    Column(_("Mail"), lambda one: _words(one.template)),
                    Column(_("State"), _state),
                    Column(_("Attempts"), lambda one: one.attempts),
                    Column(_("Last error"), lambda one: one.last_error),
                    Column(_("Written"), lambda one: one.created_at),
                    self._again(place),
                ),
                filters=(Filter("state", _("State"), _states()),),
                actions=(Action(_("Send again what was given up"), place.retry_url(), place.act),),
                empty=_("No mails. They appear here when people sign in and change things."),
            ),
            place.path,
        )

    def logouts(self, tenant_id: str | None = None) -> Response:
        """List notices of sign-outs."""
        place = _place(_LOGOUTS, tenant_id)
        return self._console.show_list(
            Listing(
                f"list_{place.name}",
                title=_("Sign-outs"),
                lead=_("Which applications are told that a session ended, and what came of it."),
                columns=(
                    Column(_("Application"), lambda one: Code(one.client_id)),
                    Column(_("Session"), lambda one: Code(one.session_id)),
                    Column(_("State"), _state),
                    Column(_("Attempts"), lambda one: one.attempts),
                    Column(_("Last error"), lambda one: one.last_error),
                    self._again(place),
                ),
                filters=(
                    Filter("state", _("State"), {**_states(), "live": _("Session not over")}),
                ),
                actions=(Action(_("Tell again what was given up"), place.retry_url(), place.act),),
                empty=_("No notices. Applications that want to be told register where."),
            ),
            place.path,
        )

    def retry_mails(self, tenant_id: str | None = None) -> Response:
        """Send again one mail, or all that were given up."""
        place, one = _place(_MAILS, tenant_id), _one()
        title = _("Send this mail again?") if one else _("Send again what was given up?")
        lead = _("It is tried at once, as if it were new. What was sent is never sent again.")
        return self._retry(place, title, lead)

    def retry_logouts(self, tenant_id: str | None = None) -> Response:
        """Tell one application again, or all that could not be told."""
        place, one = _place(_LOGOUTS, tenant_id), _one()
        title = _("Tell this application again?") if one else _("Tell again what was given up?")
        lead = _("It is tried at once, as if it were new. Who was told is not told again.")
        return self._retry(place, title, lead)

    def _retry(self, place: _Place, title: str, lead: str) -> Response:
        one = _one()
        named = Field(_IDS, _("Id"), Kind.LINES, value=[one], mono=True)
        form = Form(
            place.act,
            title=title,
            lead=lead,
            button=_("Try again"),
            back=place.url(),
            path=place.path,
            fields=(named,) if one else (),
        )
        return self._console.fill(form, lambda reply: self._retried(place, reply))

    def _retried(self, place: _Place, reply: Reply) -> Response:
        count = len(reply.content.ids) if isinstance(reply.content, Retried) else 0
        said = ngettext("One is due now.", "%(num)s are due now.", count)
        nothing = _("There was nothing to try again.")
        return self._console.go(place.url(), said if count else nothing)

    def _again(self, place: _Place) -> Column:
        """Return the column with the way to try one again, where it may be."""
        may = self._console.may(place.act)

        def show(one: MailShown | LogoutShown) -> Value:
            if not may or one.state not in {"waiting", "failed"}:
                return None
            return Link(_("Try again"), place.retry_url(id=one.id))

        return Column(_("Try again"), show)


def _place(kind: str, tenant_id: str | None) -> _Place:
    return _Place(kind, {"tenant_id": tenant_id} if tenant_id else {})


def _one() -> str:
    """Return the id that the page is about, from the link or the form; empty for all."""
    return request.args.get("id") or request.form.get(_IDS, "")


def _states() -> dict[str, str]:
    return {
        "waiting": _("Waiting"),
        "sending": _("Being sent"),
        "failed": _("Given up"),
        "sent": _("Sent"),
    }


def _state(one: MailShown | LogoutShown) -> Badge:
    tones = {"failed": Tone.BAD, "sent": Tone.GOOD}
    if one.state == "live":
        return Badge(_("Session not over"))
    return Badge(_states()[one.state], tones.get(one.state, Tone.PLAIN))


def _words(template: str) -> str:
    return template.replace("_", " ").capitalize()
