"""/console/.../users/<id>/<act>: what is done for a person, each after a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.people.shown import PersonShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.screen import Screen

_ONE = "/tenants/<tenant_id>/users/<user_id>"


def _none() -> Sequence[Field]:
    return ()


@dataclass(frozen=True)
class Act:
    """One act: what is asked before it, and what is said when it is done."""

    does: str
    path: str
    title: Any  # lazy texts, with the person's name in them
    lead: Any
    button: Any
    said: Any
    back: str = "user_security"
    danger: bool = False
    retype: bool = False
    fields: Callable[[], Sequence[Field]] = field(default=_none)


def _ground() -> Sequence[Field]:
    hint = _("For example the number of a case. It is encrypted in the trail.")
    return (Field("reason", _("Why"), Kind.TEXT, hint=hint, most=200),)


def _reason() -> Sequence[Field]:
    hint = _("And how you know who asks. It is encrypted in the trail.")
    return (Field("reason", _("Why"), Kind.TEXT, hint=hint, most=200),)


ACTS = (
    Act(
        "disable_user", "disable",
        _l("Disable %(person)s?"),
        _l("Nobody signs in with the account any more, and everything of it ends at once. It can be"
           " undone: what was there stays."),
        _l("Disable"), _l("The account is disabled."), "user", danger=True, retype=True,
    ),
    Act(
        "enable_user", "enable",
        _l("Enable %(person)s?"),
        _l("The person can sign in again. What ended stays ended."),
        _l("Enable"), _l("The account is enabled."), "user",
    ),
    Act(
        "unlock_user", "unlock",
        _l("Unlock %(person)s?"),
        _l("Wrong passwords locked browsers that the account does not know. What was counted stays:"
           " the next lock comes after five more, and lasts twice as long."),
        _l("Unlock"), _l("The lock is lifted."),
    ),
    Act(
        "send_reset", "send-reset",
        _l("Mail %(person)s a link for a new password?"),
        _l("Nobody else sees the link. The present password works until it is used."),
        _l("Send"), _l("The mail is on its way."),
    ),
    Act(
        "verify_email", "verify-email",
        _l("Mail %(person)s a link to prove the address?"),
        _l("The first proof ends what the account was given before: password, second factors,"
           " sessions. The person chooses a password at once."),
        _l("Send"), _l("The mail is on its way."),
    ),
    Act(
        "create_export", "exports",
        _l("Mail %(person)s a copy of everything that is stored about them?"),
        _l("The link is good for one download within 24 hours, and only the person can open it,"
           " after signing in again."),
        _l("Make the copy"), _l("The copy is being made. The link goes to the person by mail."),
        "user_privacy",
    ),
    Act(
        "create_erasure", "erasure",
        _l("Erase %(person)s?"),
        _l("When the waiting time of the organization is over, the account and everything stored"
           " about the person is deleted for good. The person gets a mail and can call it off until"
           " then."),
        _l("Erase"), _l("The erasure waits for its time."), "user_privacy", danger=True,
        retype=True, fields=_reason,
    ),
    Act(
        "cancel_erasure", "erasure/cancel",
        _l("Call the erasure of %(person)s off?"),
        _l("Everything stays as it is. The person gets a mail that says so."),
        _l("Call it off"), _l("The erasure was called off."), "user_privacy",
    ),
    Act(
        "set_legal_hold", "legal-hold",
        _l("Put %(person)s under a legal hold?"),
        _l("Nothing of the person is erased, whoever asks, until the hold is lifted."),
        _l("Set the hold"), _l("The legal hold stands."), "user_privacy", fields=_ground,
    ),
    Act(
        "lift_legal_hold", "legal-hold/lift",
        _l("Lift the legal hold of %(person)s?"),
        _l("An erasure that waits behind it goes on within the hour."),
        _l("Lift it"), _l("The legal hold is lifted."), "user_privacy", danger=True,
    ),
    Act(
        "require_password_change", "require-password-change",
        _l("Demand a new password of %(person)s?"),
        _l("Everything that is signed in ends, and the next sign-in takes a new password."),
        _l("Demand it"), _l("The next sign-in takes a new password."), danger=True,
    ),
    Act(
        "sign_out_user", "sign-out",
        _l("Sign %(person)s out everywhere?"),
        _l("Every session and token ends at once. The person gets a mail that says so."),
        _l("Sign out"), _l("The person is signed out everywhere."), "user_sessions", danger=True,
    ),
    Act(
        "reset_factors", "reset-factors",
        _l("Take the second factors of %(person)s away?"),
        _l("For somebody who lost them all. Apps, passkeys and backup codes go, and everything that"
           " is signed in ends. The person gets a mail."),
        _l("Take them away"), _l("There is no second factor any more."), danger=True, retype=True,
        fields=_reason,
    ),
    Act(
        "end_session", "sessions/<session_id>",
        _l("End this session of %(person)s?"),
        _l("The browser is signed out, and the tokens that came from it end."),
        _l("End it"), _l("The session is over."), "user_sessions", danger=True,
    ),
    Act(
        "unlink_identity", "identities/<identity_id>",
        _l("Unlink this sign-in of %(person)s?"),
        _l("The provider opens the account no more, and everything that is signed in ends."),
        _l("Unlink"), _l("The sign-in is unlinked."), danger=True,
    ),
)  # fmt: skip


class ActScreens:
    """Screens that ask before something is done."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return a screen for each act."""
        return tuple(
            Screen(f"{_ONE}/{act.path}", act.does, self._view(act), act.does, below="users")
            for act in ACTS
        )

    def _view(self, act: Act) -> Callable[..., Response]:
        def ask(tenant_id: str, user_id: str, **more: str) -> Response:
            return self._ask(act, tenant_id, user_id, **more)

        return ask

    def _ask(self, act: Act, tenant_id: str, user_id: str, **more: str) -> Response:
        path: dict[str, Any] = {"tenant_id": tenant_id, "user_id": user_id}
        one, _version = self._console.read("read_user", PersonShown, path)
        back = url_for(f"console.{act.back}", **path)
        form = Form(
            act.does,
            title=act.title % {"person": one.name},
            lead=str(act.lead),
            button=str(act.button),
            back=back,
            path={**path, **more},
            fields=act.fields(),
            danger=act.danger,
            retype=one.email if act.retype else "",
        )
        return self._console.settle(form, str(act.said))
