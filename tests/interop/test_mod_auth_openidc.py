"""Debian's mod_auth_openidc in Apache: a gate in front of a site."""

import json
from collections.abc import Iterator

import pytest

from tests.interop.conftest import Running
from tests.support.apache import Apache, running_apache
from tests.support.walker import Walker

pytestmark = pytest.mark.processes


@pytest.fixture
def gate(running: Running) -> Iterator[Apache]:
    with running_apache(running.gate_port, issuer=running.issuer, client=running.gate) as apache:
        yield apache


def test_apache_lets_in_who_signed_in(running: Running, gate: Apache) -> None:
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
