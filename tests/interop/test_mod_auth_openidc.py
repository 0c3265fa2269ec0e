"""Debian's mod_auth_openidc in Apache: a gate in front of a site."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.interop.conftest import Running
from tests.support.apache import Apache, running_apache
from tests.support.process import wait_for
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


@pytest.fixture
def gate(running: Running) -> Iterator[Apache]:
    with running_apache(running.gate_port, issuer=running.issuer, client=running.gate) as apache:
        yield apache


def test_apache_lets_in_who_signed_in_until_the_session_is_over(
    running: Running, gate: Apache
) -> None:
    walker = Walker(running.person)
    seen = walker.visit(f"{gate.base}/gate/")
    assert (seen.status_code, seen.text) == (200, "behind the gate")
    assert "/oauth/authorize" in walker.pages
    callback = running.gate.redirect_uri
    known = json.loads(walker.visit(f"{callback}?info=json").text)
    assert known["id_token"]["sub"] == known["userinfo"]["sub"] == running.person.id
    assert known["id_token"]["aud"] == running.gate.id
    assert known["userinfo"]["email"] == running.person.email
    walker.pages.clear()
    assert walker.visit(f"{gate.base}/gate/").text == "behind the gate"
    assert "/oauth/authorize" not in walker.pages
    server_side = walker.visit(f"{running.issuer}/oauth/logout")
    assert server_side.status_code == 200
    walker.submit_first_form(server_side)
    wait_for(lambda: is_asked_again(walker, gate), "Apache to be told that the session is over")
    assert walker.visit(f"{gate.base}/gate/").text == "behind the gate"
    gone = walker.visit(f"{callback}?logout={gate.base}/open.html")
    assert (gone.url, gone.text) == (f"{gate.base}/open.html", "open to all")
    assert is_asked_again(walker, gate)


def is_asked_again(walker: Walker, gate: Apache) -> bool:
    """Tell whether Apache sends to the server, and the server to the sign-in."""
    answer = walker.http.get(f"{gate.base}/gate/", timeout=30)
    return urlsplit(answer.url).path == "/login/password"
