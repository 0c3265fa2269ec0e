"""/console/keys, and of a tenant's own issuer: what signs until when, the key set, rotation."""

from collections.abc import Sequence
from datetime import timedelta

import orjson
from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.keys.signing import KeySet, SigningKeys, SigningKeyShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.fields import Field, Form, Kind
from authserver.admin.console.parts.lists import Action, Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone
from authserver.admin.console.screen import Group, Menu, Screen, Tab
from authserver.admin.console.screens.keys.calendar import calendar
from authserver.core.clock import Clock


class SigningKeyScreens:
    """Screens about signing keys."""

    def __init__(self, console: Console, clock: Clock, *, rotation: timedelta) -> None:
        """Take the frame, the time, and for how long a key signs."""
        self._console = console
        self._clock = clock
        self._rotation = rotation

    def screens(self) -> Sequence[Screen]:
        """Return the screens: the platform's, and those of a tenant."""
        menu = Menu(Group.PLATFORM, _l("Signing keys"), "key")
        mine = "/tenants/<tenant_id>/keys"
        return (
            Screen("/keys", "signing_keys", self.show, "list_signing_keys", menu=menu),
            Screen("/keys/rotate", "rotate_signing_keys", self.rotate, "rotate_signing_keys",
                   below="signing_keys"),
            Screen(mine, "tenant_signing_keys", self.show_tenant, "list_tenant_signing_keys",
                   tab=Tab("tenant", _l("Signing keys")), below="tenant"),
            Screen(f"{mine}/rotate", "rotate_tenant_signing_keys", self.rotate_tenant,
                   "rotate_tenant_signing_keys", below="tenant"),
        )  # fmt: skip

    def show(self) -> Response:
        """Show the platform's keys."""
        keys, _version = self._console.read("list_signing_keys", SigningKeys)
        published, _version = self._console.read("read_key_set", KeySet)
        url = url_for("console.rotate_signing_keys")
        return self._page(keys, published, Action(_("Rotate"), url, "rotate_signing_keys"))

    def show_tenant(self, tenant_id: str) -> Response:
        """Show what signs for a tenant: its own issuer's keys, or the platform's."""
        path = {"tenant_id": tenant_id}
        keys, _version = self._console.read("list_tenant_signing_keys", SigningKeys, path)
        published, _version = self._console.read("read_tenant_key_set", KeySet, path)
        url = url_for("console.rotate_tenant_signing_keys", tenant_id=tenant_id)
        act = Action(_("Rotate"), url, "rotate_tenant_signing_keys")
        return self._page(keys, published, act)

    def rotate(self) -> Response:
        """Rotate the platform's keys."""
        back = url_for("console.signing_keys")
        return self._rotate("rotate_signing_keys", back, {})

    def rotate_tenant(self, tenant_id: str) -> Response:
        """Rotate a tenant's keys."""
        back = url_for("console.tenant_signing_keys", tenant_id=tenant_id)
        return self._rotate("rotate_tenant_signing_keys", back, {"tenant_id": tenant_id})

    def _page(self, keys: SigningKeys, published: KeySet, rotate: Action) -> Response:
        now = self._clock.now()
        columns = (
            Column(_("Key"), lambda one: Code(one.kid)),
            Column(_("Algorithm"), lambda one: one.alg),
            Column(_("State"), _state),
            Column(_("Signs from"), lambda one: one.signs_from),
            Column(_("Signs until"), lambda one: one.signs_until),
            Column(_("Public until"), lambda one: one.published_until),
        )
        shown = calendar(keys.keys, now, self._rotation)
        text = orjson.dumps({"keys": published.keys}, option=orjson.OPT_INDENT_2).decode()
        return self._console.page(
            "console/keys/signing.html",
            title=_("Signing keys"),
            keys=keys,
            rows=table(columns, keys.keys),
            calendar=shown,
            begins=format_date(shown.begins, "medium"),
            ends=format_date(shown.ends, "medium"),
            key_set=text,
            actions=[rotate] if keys.own and self._console.may(rotate.does) else [],
        )

    def _rotate(self, does: str, back: str, path: dict[str, str]) -> Response:
        form = Form(
            does,
            title=_("Rotate the signing keys?"),
            lead=_(
                "Each key gets a successor. It is published now and signs when services have had"
                " time to read it; the present key stays public until nothing that it signed is"
                " valid any more. Nobody notices."
            ),
            button=_("Rotate"),
            back=back,
            path=path,
            fields=(
                Field(
                    "at_once",
                    _("Sign with the new keys at once"),
                    Kind.CHECK,
                    hint=_(
                        "For a key that somebody else may have. Services that read the key set"
                        " seldom refuse new tokens for some minutes."
                    ),
                ),
            ),
            danger=True,
        )
        said = _("The successors are published.")
        return self._console.settle(form, said)


def _state(one: SigningKeyShown) -> Badge:
    words = {
        "next": Badge(_("Next")),
        "active": Badge(_("Signing"), Tone.GOOD),
        "retiring": Badge(_("Retiring"), Tone.WARN),
        "retired": Badge(_("Retired")),
    }
    return words[one.state]
