"""/account/api-keys: the list, the form for a new one, and the new one: once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from authserver.account.access import Access, visitor
from authserver.account.api_keys.own import KeyView, OwnKeys
from authserver.account.views import Pages, Question
from authserver.api_keys import policy
from authserver.api_keys.policy import UnfitApiKey
from authserver.api_keys.service import NewKey
from authserver.core.ids import new_id
from authserver.core.problems import Conflict, NotFound, Problem, Refused

T = TypeVar("T")

NEW = "new"
_WRONG, _CONFLICT = 400, 409
_DAYS = (30, 90, 365)
_NEVER = "never"


@dataclass(frozen=True)
class Typed:
    """What somebody typed, to be shown again; `form_id` lets the form make one key."""

    form_id: str
    name: str = ""
    days: str = "90"
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    networks: str = ""

    @classmethod
    def of_form(cls) -> "Typed":
        """Read the form."""
        form = request.form
        return cls(
            form.get("form_id", "")[:40] or new_id("apf"),
            form.get("name", ""),
            form.get("days", ""),
            _ticked("scope"),
            _ticked("role"),
            form.get("networks", ""),
        )

    def as_asked(self) -> NewKey:
        """Return the key that is wanted. Raises UnfitApiKey."""
        if self.days != _NEVER and self.days not in map(str, _DAYS):
            raise UnfitApiKey(_("Choose when the key ends."))
        return NewKey(
            name=self.name,
            scopes=tuple(self.scopes),
            roles=tuple(self.roles),
            networks=tuple(self.networks.replace(",", " ").split()),
            life=None if self.days == _NEVER else timedelta(days=int(self.days)),
            request_id=self.form_id,
        )


class ApiKeysPage:
    """Lists, makes and revokes keys. To make one takes a sign-in of the last minutes."""

    def __init__(self, access: Access, pages: Pages, *, keys: OwnKeys) -> None:
        """Take what knows the keys."""
        self._access = access
        self._pages = pages
        self._keys = keys

    def show(self) -> Response:
        """Show the list, the form, or ask whether to revoke what `about` names."""
        about = request.args.get("about")
        if about == NEW:
            return self._access.ask_again(NEW) or self._form(Typed(new_id("apf")))
        found = self._keys.all(visitor())
        if about is not None:
            return self._pages.confirm(_question(_named(found, about)))
        room = len(found) < policy.MOST_LIVE
        return self._pages.render("account/api_keys.html", keys=found, room=room)

    def submit(self) -> Response:
        """Make a key and show it, or revoke one. Raises NotFound."""
        about = request.form.get("about", "")
        if about == NEW:
            return self._access.ask_again(NEW) or self._create(Typed.of_form())
        name = self._keys.revoke(about)
        flash(_("“%(name)s” was revoked. What uses it is refused from now on.", name=name))
        return redirect(url_for("account.api_keys"), code=303)

    def _create(self, typed: Typed) -> Response:
        try:
            name, key = self._keys.create(typed.as_asked())
        except Conflict as conflict:
            return self._form(typed, wrong={"all": _conflict(conflict)}, status=_CONFLICT)
        except (UnfitApiKey, Refused) as refused:
            return self._form(typed, wrong=_wrong(typed, refused), status=_WRONG)
        return self._pages.render(
            "account/api_keys/made.html",
            name=name,
            key=key,
            sample=f"Authorization: Bearer {key[:12]}…",
            list_url=url_for("account.api_keys"),
        )

    def _form(
        self, typed: Typed, *, wrong: Mapping[str, str] | None = None, status: int = 200
    ) -> Response:
        choices = self._keys.choices(visitor())
        return self._pages.render(
            "account/api_keys/new.html",
            status=status,
            typed=typed,
            wrong=wrong or {},
            choices=choices,
            lives=[(str(days), _days(days)) for days in _DAYS],
            list_url=url_for("account.api_keys"),
        )


def _ticked(kind: str) -> frozenset[str]:
    """Return what is ticked: each box is a field of its own, for no field may come twice."""
    start = f"{kind}:"
    return frozenset(name.removeprefix(start) for name in request.form if name.startswith(start))


def _days(days: int) -> str:
    return str(ngettext("%(num)s day", "%(num)s days", days))


def _conflict(conflict: Conflict) -> str:
    if "before" in conflict.description:
        return str(_("This form was sent before: its key was made, and shown then."))
    return str(_("You have as many keys as an account can have. Revoke one first."))


def _wrong(typed: Typed, refused: Problem) -> dict[str, str]:
    """Say in the person's language what is wrong, by field."""
    if not _fits(policy.check_name_of_key, typed.name):
        return {"name": _("Say in at most 60 visible characters what the key is for.")}
    if not typed.scopes:
        return {"scopes": _("Choose at least one thing that the key may do.")}
    if not _fits(policy.check_networks, typed.networks.replace(",", " ").split()):
        return {"networks": _("Write addresses or networks, such as 192.0.2.0/24.")}
    if isinstance(refused, Refused):
        return {"scopes": _("You may not give this any more. Choose again.")}
    return {"days": _("Choose when the key ends.")}


def _fits(check: Callable[[T], object], value: T) -> bool:
    try:
        check(value)
    except UnfitApiKey:
        return False
    return True


def _named(found: list[KeyView], key_id: str) -> KeyView:
    for one in found:
        if one.id == key_id:
            return one
    raise NotFound("There is no such API key.", detail=key_id)


def _question(key: KeyView) -> Question:
    return Question(
        _("Revoke “%(name)s”?", name=key.name),
        _("What uses this key is refused from the next request on. It cannot be undone."),
        _("Revoke"),
        key.id,
    )
