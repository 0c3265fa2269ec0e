"""/console/.../users/<id>: one person; tabs for what protects the account, and what happened."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.accounts.details.policy import FIELDS
from authserver.admin.api.people.belongings import Factors, FactorShown, IdentityList, Sessions
from authserver.admin.api.people.shown import PersonShown
from authserver.admin.api.roles.shown import AssignmentList, AssignmentShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts import details
from authserver.admin.console.parts.details import Fact, Section
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Link, Tone
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.people.people import languages, standing
from authserver.admin.console.screens.trail.showing import who
from authserver.admin.console.screens.trail.words import headline

_ONE = "/tenants/<tenant_id>/users/<user_id>"


class PersonScreens:
    """Screens about one person."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screens."""
        return (
            Screen(_ONE, "user", self.show, "read_user", tab=Tab("user", _l("Overview")),
                   below="users"),
            Screen(f"{_ONE}/security", "user_security", self.security, "list_factors",
                   tab=Tab("user", _l("Security")), below="users"),
            Screen(f"{_ONE}/sessions", "user_sessions", self.sessions, "list_sessions",
                   tab=Tab("user", _l("Sessions")), below="users"),
            Screen(f"{_ONE}/events", "user_events", self.events, "list_events",
                   tab=Tab("user", _l("Activity")), below="users"),
        )  # fmt: skip

    def show(self, tenant_id: str, user_id: str) -> Response:
        """Show the account, its roles and its profile."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one = self._read(path)
        held, _version = self._console.read("list_user_roles", AssignmentList, path)
        roles = _roles(held, path, may=self._console.may("give_role"))
        return self._page(one, (_account(one), roles, _profile(one, path)), path)

    def security(self, tenant_id: str, user_id: str) -> Response:
        """Show what protects the account, and what else opens it."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one = self._read(path)
        factors, _version = self._console.read("list_factors", Factors, path)
        linked, _version = self._console.read("list_identities", IdentityList, path)
        sections = (_password(one, path), _factors(factors, path), _linked(linked, path))
        return self._page(one, sections, path)

    def sessions(self, tenant_id: str, user_id: str) -> Response:
        """Show where the person is signed in."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one = self._read(path)
        found, _version = self._console.read("list_sessions", Sessions, path)
        columns = [
            Column(_("Device"), lambda session: session.device or _("Unknown device")),
            Column(_("Address"), lambda session: Code(session.address)),
            Column(_("At"), lambda session: Code(session.issuer)),
            Column(_("Last use"), lambda session: session.last_seen_at),
            Column(_("Signed in"), lambda session: session.created_at),
        ]
        if self._console.may("end_session"):
            columns.append(Column(_("Act"), lambda session: _end(path, session.id)))
        section = Section(
            _("Signed in"),
            table=table(columns, found.items, _("This person is signed in nowhere.")),
            actions=(_act("sign_out_user", _("Sign out everywhere"), path, danger=True),),
        )
        return self._page(one, (section,), path)

    def events(self, tenant_id: str, user_id: str) -> Response:
        """Show what happened to the person lately."""
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one = self._read(path)
        given = {"subject": user_id, "limit": 50}
        found: Any = self._console.ask("list_events", {"tenant_id": tenant_id}, given=given)
        columns = (
            Column(
                _("What"),
                lambda event: Link(
                    headline(event.type),
                    url_for("console.event", tenant_id=tenant_id, event_id=event.id),
                ),
            ),
            Column(_("Who"), who),
            Column(_("When"), lambda event: event.time),
        )
        every = url_for("console.events", tenant_id=tenant_id, subject=user_id)
        section = Section(
            _("What happened"),
            table=table(columns, found.content.items, _("Nothing is known of this person.")),
            actions=(Action(_("All of it"), every, "list_events"),),
        )
        return self._page(one, (section,), path)

    def _read(self, path: dict[str, Any]) -> PersonShown:
        return self._console.read("read_user", PersonShown, path)[0]

    def _page(
        self, one: PersonShown, sections: Sequence[Section], path: dict[str, Any]
    ) -> Response:
        return self._console.show_detail(
            details.Detail(
                one.name,
                sections,
                id=one.id,
                lead=one.email,
                badges=_badges(one),
                actions=(_switch(one, path),),
            )
        )


def _badges(one: PersonShown) -> list[Badge]:
    locked = [Badge(_("Locked"), Tone.WARN)] if one.locked_until else []
    return standing(one) + locked


def _account(one: PersonShown) -> Section:
    return Section(
        _("Account"),
        (
            *((Fact(_("Guest"), True, _home()),) if one.guest else ()),
            Fact(_("Email address"), one.email),
            Fact(_("Proved"), one.email_verified),
            Fact(_("Created"), one.created_at),
            Fact(_("Changed"), one.updated_at),
            *((Fact(_("Disabled"), one.disabled_at),) if one.disabled_at else ()),
        ),
    )


def _home() -> str:
    return str(_("Signs in with an account in another organization, where its password is."))


def _roles(held: AssignmentList, path: dict[str, Any], *, may: bool) -> Section:
    def name(one: AssignmentShown) -> Link | str:
        short = one.role.rpartition("/")[2]
        url = url_for("console.held_role", role=short, **path)
        return Link(one.role, url) if may else one.role

    columns = (
        Column(_("Role"), name),
        Column(_("Since"), lambda one: one.since),
        Column(_("Until"), lambda one: one.until or Badge(_("For good"))),
    )
    return Section(
        _("Roles"),
        table=table(columns, held.items, _("This person holds no role.")),
        actions=(
            Action(_("Give a role"), url_for("console.give_role", **path), "give_role"),
            Action(_("Change"), url_for("console.user_roles", **path), "set_user_roles"),
        ),
    )


def _profile(one: PersonShown, path: dict[str, Any]) -> Section:
    facts = [
        Fact(_("Name"), one.name),
        Fact(_("Language"), languages()[one.locale] if one.locale else None),
        Fact(_("Time zone"), one.zoneinfo),
    ]
    known = (field for field in FIELDS if field.name in one.details)
    facts += [Fact(_(field.title), one.details[field.name]) for field in known]
    url = url_for("console.edit_user", **path)
    return Section(_("Profile"), facts, actions=(Action(_("Change"), url, "change_user"),))


def _password(one: PersonShown, path: dict[str, Any]) -> Section:
    facts = [
        Fact(_("Has a password"), one.has_password),
        Fact(_("Changed"), one.password_changed_at),
        Fact(_("Must be changed at the next sign-in"), one.password_change_required),
        Fact(_("Wrong passwords since the last sign-in"), one.failed_sign_ins),
        Fact(
            _("Locked until"), one.locked_until, _("For browsers that the account does not know.")
        ),
    ]
    if one.password_reset_required:
        hint = _("After too many guesses the password opens nothing: mail a link for a new one.")
        facts.append(Fact(_("Needs a new password"), True, hint))
    actions = [_act("send_reset", _("Mail a link"), path)]
    if one.locked_until:
        actions.insert(0, _act("unlock_user", _("Unlock"), path))
    if one.has_password and not one.password_change_required:
        actions.append(_act("require_password_change", _("Demand a new one"), path))
    if not one.email_verified:
        actions.append(_act("verify_email", _("Prove the address"), path))
    return Section(_("Password"), facts, actions=() if one.guest else actions)


def _factors(found: Factors, path: dict[str, Any]) -> Section:
    kinds = {"app": _("Authenticator app"), "passkey": _("Passkey")}

    def kind(one: FactorShown) -> str:
        return str(kinds.get(one.kind, one.kind))

    columns = (
        Column(_("Name"), lambda one: one.name or kind(one)),
        Column(_("Kind"), kind),
        Column(_("Added"), lambda one: one.added_at),
        Column(_("Last use"), lambda one: one.last_used_at),
    )
    lead = _("The organization demands a second factor.") if found.mandatory else ""
    return Section(
        _("Second factors"),
        (Fact(_("Backup codes left"), found.backup_codes_left),) if found.items else (),
        lead=lead,
        table=table(columns, found.items, _("There is no second factor.")),
        actions=(_act("reset_factors", _("Reset"), path, danger=True),) if found.items else (),
    )


def _linked(found: IdentityList, path: dict[str, Any]) -> Section:
    columns = (
        Column(_("Provider"), lambda one: one.provider),
        Column(_("As"), lambda one: one.label),
        Column(_("Linked"), lambda one: one.linked_at),
        Column(_("Last use"), lambda one: one.last_used_at),
        Column(
            _("Act"),
            lambda one: Link(
                _("Unlink"), url_for("console.unlink_identity", identity_id=one.id, **path)
            ),
        ),
    )
    nothing = _("No provider signs this person in.")
    return Section(_("Linked sign-ins"), table=table(columns, found.items, nothing))


def _switch(one: PersonShown, path: dict[str, Any]) -> Action:
    if one.disabled_at:
        return _act("enable_user", _("Enable"), path)
    return _act("disable_user", _("Disable"), path, danger=True)


def _act(does: str, text: str, path: dict[str, Any], *, danger: bool = False) -> Action:
    return Action(
        text, url_for(f"console.{does}", **path), does, "danger" if danger else "secondary"
    )


def _end(path: dict[str, Any], session_id: str) -> Link:
    return Link(_("End"), url_for("console.end_session", session_id=session_id, **path))
