"""/console/tenants/<id>/guests/new: an account for somebody who has one in another tenant."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from authserver.admin.api.people.shown import PersonPage
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen
from authserver.admin.console.screens.people.people import person_url
from authserver.admin.console.screens.people.roles import role_choices
from authserver.admin.rest.operation import Reply
from authserver.core.problems import NotFound, Problem

_HOME, _WHO = "home_tenant_id", "home_user_id"
_MOST = 20  # addresses that begin like the one that is meant


class GuestScreens:
    """The screen that makes guest accounts, for whoever works in both tenants."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        path = "/tenants/<tenant_id>/guests/new"
        return (Screen(path, "new_guest", self.new, "create_guest", below="users"),)

    def new(self, tenant_id: str) -> Response:
        """Make a guest account: the person is named by their address at home."""
        roles = role_choices(self._console, tenant_id, mine=True)
        homes = homes_of_guests(self._console, tenant_id)
        form = Form(
            "create_guest",
            title=_("New guest"),
            lead=_(
                "For somebody of another organization. Guests sign in with their account at home:"
                " its password and second factor open this one, too."
            )
            if homes
            else _(
                "Open the organization first in which the person has an account: a guest account"
                " is made by somebody who works in both. Or invite the person by mail."
            ),
            button=_("Make the guest account"),
            back=url_for("console.users", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field(_HOME, _("Their organization"), Kind.CHOICE, choices=homes),
                Field(_WHO, _("Their address there"), Kind.EMAIL, most=254),
                Field(
                    "name",
                    _("Name"),
                    hint=_("Empty: the one that they have at home."),
                    optional=True,
                    most=120,
                ),
                *([Field("roles", _("Roles"), Kind.MANY, choices=roles)] if roles else []),
            ),
            prepare=self._found,
        )
        return self._console.fill(form, lambda reply: self._created(tenant_id, reply))

    def _found(self, given: dict[str, object]) -> dict[str, object]:
        """Return the body with the person's id for their address. Raises NotFound."""
        home, address = str(given.get(_HOME, "")), str(given.get(_WHO, ""))
        if not home or not address:
            return given
        try:
            page = self._console.ask(
                "list_users", {"tenant_id": home}, given={"q": address, "limit": _MOST}
            ).content
        except Problem as problem:
            raise NotFound(problem.description, field=_HOME) from problem
        people = page.items if isinstance(page, PersonPage) else ()
        met = [one for one in people if one.email.casefold() == address.casefold()]
        if not met:
            raise NotFound("Nobody there has this address.", field=_WHO)
        return {**given, _WHO: met[0].id}

    def _created(self, tenant_id: str, reply: Reply) -> Response:
        user_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(person_url(tenant_id, user_id), _("The guest account was made."))


def homes_of_guests(console: Console, tenant_id: str) -> dict[str, Any]:
    """Return the other tenants in which the person works now, by their ids."""
    return {one: name for one, name in console.places().items() if one != tenant_id}
