"""/console/tenants/<id>/users: the list, a new account, what a profile says."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.accounts.details.policy import FIELDS
from authserver.accounts.details.policy import Field as Detail
from authserver.accounts.profiles import zones
from authserver.admin.api.people.shown import PersonRow, PersonShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Heading, Kind
from authserver.admin.console.parts.lists import Action, Column, Filter, Listing
from authserver.admin.console.parts.values import Badge, Link, Tone
from authserver.admin.console.screen import Group, Menu, Screen
from authserver.admin.console.screens.people.roles import role_choices
from authserver.admin.rest.operation import Reply
from authserver.settings import LANGUAGES

_MANY = "/tenants/<tenant_id>/users"


class PeopleScreens:
    """Screens that list and make people."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        return (
            Screen(_MANY, "users", self.index, "list_users",
                   menu=Menu(Group.PEOPLE, _l("People"), "users")),
            Screen(f"{_MANY}/new", "new_user", self.new, "create_user", below="users"),
            Screen(f"{_MANY}/<user_id>/edit", "edit_user", self.edit, "change_user",
                   below="users"),
        )  # fmt: skip

    def index(self, tenant_id: str) -> Response:
        """List people."""
        return self._console.show_list(
            Listing(
                "list_users",
                title=_("People"),
                search=_("Search by name or address"),
                sort="created",
                search_sorts=True,
                columns=(
                    Column(_("Name"), lambda one: Link(one.name, person_url(tenant_id, one.id)),
                           sort="name"),
                    Column(_("Email address"), lambda one: one.email, sort="email"),
                    Column(_("Roles"), lambda one: one.roles),
                    Column(_("State"), standing),
                    Column(_("Created"), lambda one: one.created_at, sort="created", falls=True),
                ),
                filters=(
                    Filter("state", _("State"), states()),
                    Filter("role", _("Role"), role_choices(self._console, tenant_id)),
                    Filter("guest", _("Guests"), guests()),
                    Filter("sort", _("Order"), orders(), narrow=True),
                ),
                actions=(
                    Action(_("Invite"), url_for("console.new_invitation", tenant_id=tenant_id),
                           "create_invitation", "primary"),
                    Action(_("New account"), url_for("console.new_user", tenant_id=tenant_id),
                           "create_user"),
                    *self._guests(tenant_id),
                ),
                empty=_("There is nobody yet. Invite somebody, or import a file."),
            ),
            {"tenant_id": tenant_id},
        )  # fmt: skip

    def new(self, tenant_id: str) -> Response:
        """Make an account."""
        roles = role_choices(self._console, tenant_id, mine=True)
        form = Form(
            "create_user",
            title=_("New account"),
            lead=_(
                "For somebody whose address you know. The account has no password: a link in a mail"
                " lets the person prove the address and choose one."
            ),
            button=_("Create account"),
            back=url_for("console.users", tenant_id=tenant_id),
            path={"tenant_id": tenant_id},
            fields=(
                Field("email", _("Email address"), Kind.EMAIL, most=254),
                Field("name", _("Name"), most=120),
                Field("locale", _("Language"), Kind.CHOICE, choices=languages(), optional=True),
                Field("mail", _("Mail a link now"), Kind.CHECK, value=True),
                *([Field("roles", _("Roles"), Kind.MANY, choices=roles)] if roles else []),
            ),
        )
        return self._console.fill(form, lambda reply: self._created(tenant_id, reply))

    def edit(self, tenant_id: str, user_id: str) -> Response:
        """Change what a profile says."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one, version = self._console.read("read_user", PersonShown, path)
        form = Form(
            "change_user",
            title=_("Profile of %(person)s", person=one.name),
            button=_("Save"),
            back=person_url(tenant_id, user_id),
            path=path,
            version=version,
            fields=_fields(one),
        )
        return self._console.settle(form, _("The profile was saved."))

    def _guests(self, tenant_id: str) -> tuple[Action, ...]:
        """Return the way to a guest account, for who works in another tenant besides."""
        if len(self._console.places()) < 2:  # noqa: PLR2004  this one, and one to be at home in
            return ()
        url = url_for("console.new_guest", tenant_id=tenant_id)
        return (Action(_("New guest"), url, "create_guest"),)

    def _created(self, tenant_id: str, reply: Reply) -> Response:
        # A form that was sent twice has no content the second time, but the place.
        user_id = (reply.location or "").rpartition("/")[2]
        return self._console.go(person_url(tenant_id, user_id), _("The account was created."))


def person_url(tenant_id: str, user_id: str) -> str:
    """Return where somebody's screen is."""
    return url_for("console.user", tenant_id=tenant_id, user_id=user_id)


def standing(one: PersonRow) -> list[Badge]:
    """Return how somebody stands, in words."""
    badges = [Badge(_("Disabled"), Tone.BAD) if one.disabled_at else Badge(_("Enabled"), Tone.GOOD)]
    if one.guest:
        badges.append(Badge(_("Guest")))
    if not one.email_verified:
        badges.append(Badge(_("Address not proved"), Tone.WARN))
    return badges


def states() -> dict[str, str]:
    """Return whether people may sign in, in words."""
    return {"enabled": _("Enabled"), "disabled": _("Disabled")}


def guests() -> dict[str, str]:
    """Return what lists may have of guests, in words."""
    return {"false": _("No guests"), "true": _("Guests alone")}


def orders() -> dict[str, str]:
    """Return what lists are sorted by, in words."""
    return {
        "created": _("Newest first"),
        "-created": _("Oldest first"),
        "name": _("By name"),
        "-name": _("By name, from the end"),
        "email": _("By address"),
        "-email": _("By address, from the end"),
    }


def languages() -> dict[str, str]:
    """Return the languages of pages, in their own words, after none."""
    own = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
    return {"": _("Not chosen"), **{code: own.get(code, code) for code in LANGUAGES}}


def _fields(one: PersonShown) -> list[Field | Heading]:
    zone_choices = {"": _("Not chosen"), **{zone: zone for zone in zones().values()}}
    return [
        Field("name", _("Name"), value=one.name, most=120),
        Field("locale", _("Language"), Kind.CHOICE, value=one.locale, choices=languages()),
        Field("zoneinfo", _("Time zone"), Kind.CHOICE, value=one.zoneinfo, choices=zone_choices),
        Heading(_("Details"), _("Applications see them if the person allows it.")),
        *(each for field in FIELDS for each in _detail(field, one)),
    ]


def _detail(field: Detail, one: PersonShown) -> list[Field]:
    hint = _("For example %(example)s.", example=field.example) if field.example else ""
    typed = Field(
        f"details.{field.name}",
        _(field.title),
        hint=hint,
        value=one.details.get(field.name),
        optional=True,
        most=field.longest,
    )
    if field.name != "phone_number":
        return [typed]
    known = _("The phone number is known to be theirs")
    value = one.phone_number_verified
    return [typed, Field("phone_number_verified", known, Kind.CHECK, value=value)]
