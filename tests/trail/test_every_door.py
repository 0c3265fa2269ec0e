"""Every URL of people and clients that takes something to change it records that."""

from collections import Counter
from collections.abc import Iterator
from inspect import signature
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from authserver.oauth.routes import machine_endpoints
from tests.admin.bodies import MAIL
from tests.flows.door_story import DOORS, NEW_PASSWORD, DoorStory
from tests.flows.entry_story import ADDRESS, NAME, USER_AGENT
from tests.support.rules import every_rule
from tests.support.world import World
from tests.trail.recording import Recorder

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = [pytest.mark.any_database, pytest.mark.attack("AUD-11")]

# What takes a POST and changes nothing that anybody could want to know of.
SILENT = {
    "/login/federation/<connection_id>": "sends away; what comes back is recorded",
    "/login/federation/link": "forgets an identity that was offered and is nobody's",
    "/login/receipt": "shows the receipt of an erasure",
    "/oauth/introspect": "tells of a token",
    "/oauth/par": "keeps a request for a minute; what becomes of it is recorded",
    "/oauth/userinfo": "tells of a person",
}
# What changes something though it is a GET: OpenID Connect has it so. A provider's callback does,
# too: tests/flows/test_federated_sign_in.py.
BY_GET = {"/oauth/authorize", "/oauth/logout"}
# Documents, which nothing is sent to.
_READ = {"/oauth/jwks"}


class Porter:
    """Counts the events that requests add, by the door that they come to."""

    def __init__(self, world: World, recorder: Recorder) -> None:
        self._recorder, self._inner = recorder, world.app.wsgi_app
        self._rules = world.app.url_map.bind("auth.example")
        self.added: Counter[str] = Counter()
        self.by_get: set[str] = set()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterator[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        before = self._recorder.count()
        answer = list(self._inner(environ, start_response))
        self._recorder.heard(b"".join(answer))
        added = self._recorder.count() - before
        if added:
            door = self._door(path, method)
            self.added[door] += added
            self.by_get |= {door} if method == "GET" else set()
        return iter(answer)

    def _door(self, path: str, method: str) -> str:
        try:
            return self._rules.match(path, method=method, return_rule=True)[0].rule
        except HTTPException:  # of the machine lane, which is before Flask
            return path.partition("cli_")[0]


def test_every_door_records_what_comes_through_and_says_nothing_personal(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, silent = Recorder(world), set[str]()
    recorder.secrets |= {MAIL, NAME, ADDRESS, USER_AGENT, NEW_PASSWORD}
    porter = Porter(world, recorder)
    monkeypatch.setattr(world.app, "wsgi_app", porter)
    for door, through in DOORS.items():
        change = through(DoorStory(world))
        porter.added.clear()
        change()
        silent |= set() if porter.added[door] else {door}
        world.clock.reset()
    assert silent == set()
    assert porter.by_get == BY_GET
    assert len(recorder.secrets) > 20  # tokens and secrets of answers were found
    assert recorder.in_clear() == {}


def test_every_door_is_gone_through(world: World) -> None:
    nothing: Any = dict.fromkeys(signature(machine_endpoints).parameters)
    machine = {path for path in machine_endpoints(**nothing) if "/.well-known/" not in path}
    # The console's are in tests/admin/test_console_acts.py.
    pages = {one.rule for one in every_rule(world.app) if "console" not in one.rule and takes(one)}
    assert DOORS.keys() | SILENT.keys() == pages | machine - _READ
    assert not DOORS.keys() & SILENT.keys()


def takes(rule: Rule) -> bool:
    """Tell whether something is sent to it."""
    return bool((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"})
