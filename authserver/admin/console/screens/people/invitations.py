"""/console/tenants/<id>/invitations: who is asked in, and asking somebody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.invitations import InvitationShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.people.roles import role_choices
from authserver.invitations.policy import State

_TONES = {State.OPEN: Tone.GOOD, State.EXPIRED: Tone.WARN, State.REVOKED: Tone.BAD}


class InvitationScreens:
    """Screens about invitations."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        many = "/tenants/<tenant_id>/invitations"
        one, lit = f"{many}/<invitation_id>", "invitations"
        menu = Menu(Group.PEOPLE, _l("Invitations"), "mail-plus")
        return (
            Screen(many, lit, self.index, "list_invitations", menu=menu),
            Screen(f"{many}/new", "new_invitation", self.new, "create_invitation", below=lit),
            Screen(one, "invitation", self.show, "read_invitation", below=lit),
            Screen(f"{one}/resend", "resend_invitation", self.resend, "resend_invitation",
                   below=lit),
            Screen(f"{one}/revoke", "revoke_invitation", self.revoke, "revoke_invitation",
                   below=lit),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List invitations."""

        def link(one: InvitationShown) -> Link:
            return Link(one.email, _url(tenant_id, one.id))

        return self._console.show_list(
            Listing(
                "list_invitations",
                title=_("Invitations"),
                lead=_("People who are asked in by mail. Nobody but them sees the link."),
                search=_("Search by address"),
                columns=(
                    Column(_("Email address"), link),
                    Column(_("Roles"), lambda one: one.roles),
                    Column(_("State"), _state),
                    Column(_("Mailed"), lambda one: one.sent_at),
                    Column(_("Good until"), lambda one: one.expires_at),
                ),
                filters=(Filter("state", _("State"), _states()),),
                actions=(
                    Action(_("Invite"), url_for("console.new_invitation", tenant_id=tenant_id),
                           "create_invitation", "primary"),
                ),
                empty=_("Nobody has been invited yet."),
            ),
            {"tenant_id": tenant_id},
        )  # fmt: skip

    def new(self, tenant_id: str) -> Response:
        """Ask somebody in."""
        roles = role_choices(self._console, tenant_id, mine=True)
        form = Form(
            "create_invitation",
            title=_("Invite somebody"),
            lead=_("The mail has a link that is good once, for this address alone."),
            button=_("Send invitation"),
            back=url_for("console.invitations", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field("email", _("Email address"), Kind.EMAIL, most=254),
                *(
                    [
                        Field(
                            "roles",
                            _("Roles"),
                            Kind.MANY,
                            hint=_("Given when the invitation is accepted, if you may then, too."),
                            choices=roles,
                        )
                    ]
                    if roles
                    else []
                ),
            ),
        )
        return self._console.settle(form, _("The mail is on its way."))

    def show(self, tenant_id: str, invitation_id: str) -> Response:
        """Show an invitation."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "invitation_id": invitation_id}
        one, _version = self._console.read("read_invitation", InvitationShown, path)
        facts = (
            Fact(_("Roles"), [Badge(role) for role in one.roles] or _("None")),
            Fact(_("Invited by"), Code(one.inviter_id) if one.inviter_id else _("Operator")),
            Fact(_("Invited"), one.created_at),
            Fact(_("Mailed"), one.sent_at),
            Fact(_("Good until"), one.expires_at),
        )
        again = Action(_("Mail again"), url_for("console.resend_invitation", **path),
                       "resend_invitation")  # fmt: skip
        back = Action(_("Take back"), url_for("console.revoke_invitation", **path),
                      "revoke_invitation", "danger")  # fmt: skip
        waits = one.state in {State.OPEN, State.EXPIRED}
        return self._console.show_detail(
            Detail(
                one.email,
                (Section(_("Invitation"), facts),),
                id=one.id,
                badges=(_state(one),),
                actions=(again, back) if waits else (),
            )
        )

    def resend(self, tenant_id: str, invitation_id: str) -> Response:
        """Mail it again."""
        return self._ask(
            tenant_id,
            invitation_id,
            Form(
                "resend_invitation",
                title=_("Mail the invitation again?"),
                lead=_("The new link is good for the whole time again. The one of before ends."),
                button=_("Send"),
                back="",
            ),
            said=_("The mail is on its way."),
        )

    def revoke(self, tenant_id: str, invitation_id: str) -> Response:
        """Take it back."""
        return self._ask(
            tenant_id,
            invitation_id,
            Form(
                "revoke_invitation",
                title=_("Take the invitation back?"),
                lead=_("Its link opens nothing any more."),
                button=_("Take back"),
                back="",
                danger=True,
            ),
            said=_("The invitation is taken back."),
        )

    def _ask(self, tenant_id: str, invitation_id: str, form: Form, *, said: str) -> Response:
        path: dict[str, Any] = {"tenant_id": tenant_id, "invitation_id": invitation_id}
        whole = replace(form, back=_url(tenant_id, invitation_id), path=path)
        return self._console.settle(whole, said)


def _url(tenant_id: str, invitation_id: str) -> str:
    return url_for("console.invitation", tenant_id=tenant_id, invitation_id=invitation_id)


def _states() -> dict[str, str]:
    return {
        "open": _("Pending"),
        "accepted": _("Accepted"),
        "expired": _("Expired"),
        "revoked": _("Taken back"),
    }


def _state(one: InvitationShown) -> Badge:
    return Badge(_states()[one.state], _TONES.get(one.state, Tone.PLAIN))
