"""Every screen's URL -> its view, behind what each needs: who it is, and whether they may."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response

from authserver.admin.console.asking import NOTHING, Asking
from authserver.admin.console.frame import Console, openings
from authserver.admin.console.navigation import Navigation
from authserver.admin.console.screen import Screen
from authserver.admin.console.visitor import Visitors, caller, way_back
from authserver.admin.reach import NO_TENANT, Reach
from authserver.admin.rest.desk import admit
from authserver.admin.rest.operation import IDS, Operation, Where
from authserver.core.database.engine import Database
from authserver.core.ids import is_id
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.problems import NotFound, Problem, TooManyRequests
from authserver.login import errors
from authserver.roles.catalogue import Permission

ROOT = "/console"
_RATE = Rate(600, 60)
View = Callable[..., Response]


@dataclass(frozen=True)
class Door:
    """What stands before every screen."""

    visitors: Visitors
    asking: Asking
    reach: Reach
    database: Database
    limiter: Limiter

    def admit(self) -> Response | None:
        """Let people in who are signed in. Raises TooManyRequests, OtherAccount."""
        away = self.visitors.admit()
        if away is not None:
            return away
        if caller().platform:
            with self.database.read() as view:
                g.openings = self.reach.everything_opened(view, caller())
        if not self.limiter.take(f"console:{caller().id}", _RATE).allowed:
            raise TooManyRequests("Come back in a minute.")
        return None

    def guard(self, screen: Screen) -> View:
        """Return the screen's view behind the checks of its operation."""
        operation = self.asking.operation(screen.does)

        @wraps(screen.view)
        def guarded(**path: Any) -> Response:  # noqa: ANN401  Flask's values
            _check_ids(path)
            admit(operation, caller())
            away = self._enter(operation, path.get("tenant_id"))
            g.entered = path.get("tenant_id")
            if away is None and operation.sensitive:
                away = self.visitors.ask_again()
            return away or screen.view(**path)

        return guarded

    def _enter(self, operation: Operation, tenant_id: str | None) -> Response | None:
        """Find out what is open in another's tenant; send whoever may open it to do so."""
        who = caller()
        if tenant_id is None or tenant_id == who.tenant_id:
            return None
        g.opened = next((one for one in openings() if one.tenant_id == tenant_id), None)
        if g.opened or (who.platform and operation.where is not Where.TENANT):
            return None
        if who.platform and Permission.TENANTS_WRITE in who.permissions:
            return redirect(url_for("console.open_tenant", tenant_id=tenant_id), code=303)
        raise NotFound(NO_TENANT)


def blueprint(console: Console, screens: Sequence[Screen], *, door: Door, home: View) -> Blueprint:
    """Return the console: every screen behind the door."""
    console.navigation = Navigation(screens, door.asking)
    routes = Blueprint("console", __name__)
    routes.before_request(door.admit)
    routes.register_error_handler(Problem, _refused(console))
    routes.add_url_rule(ROOT, "home", home)
    routes.add_url_rule(f"{ROOT}/back", "back", way_back)
    for screen in screens:
        url = f"{ROOT}{screen.path}"
        reads = door.asking.operation(screen.does).method == "GET"
        methods = ["GET"] if reads else ["GET", "POST"]
        routes.add_url_rule(url, screen.name, door.guard(screen), methods=methods)
    return routes


def _refused(console: Console) -> Callable[[Problem], Response]:
    def refused(problem: Problem) -> Response:
        # Without a person there is no frame: the page of every other refusal does.
        if "caller" not in g:
            return errors.refused(problem)
        errors.note(problem)
        return console.refuse(problem)

    return refused


def _check_ids(path: dict[str, str]) -> None:
    for part, value in path.items():
        if IDS[part] and not is_id(value, IDS[part]):
            missing = NO_TENANT if part == "tenant_id" else NOTHING
            raise NotFound(missing)
