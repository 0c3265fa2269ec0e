"""docs/tenants-and-roles.md: tenants, issuers by path, people and their roles."""

import re
from pathlib import Path

import pytest
import requests

from tests.docs.reader import Reader
from tests.support.walker import TIMEOUT

pytestmark = pytest.mark.processes


def test_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    reader = Reader("docs/getting-started.md", tmp_path)
    reader.type("init")
    with reader.serving("serve"):
        reader.follow("docs/tenants-and-roles.md")
        reader.type("create")
        assert "password preset nist" in reader.type("what passwords need")
        assert "website none" in reader.type("how a tenant looks")
        assert "tier enterprise" in reader.type("what is booked")
        said = reader.type("tighter numbers")
        assert "default, lockout attempts 3, link life 10, client registration" in said
        assert "access token seconds 300" in reader.type("lives of tokens").replace("_", " ")
        told = reader.page.table("Issuers")
        for (address,) in told.values():
            metadata = requests.get(reader.issuer + address.strip("`"), timeout=TIMEOUT).json()
            assert metadata["issuer"] == f"{reader.issuer}/t/meadow"
        client = reader.register("a client at the tenant's issuer")
        assert _token(f"{reader.issuer}/t/meadow", client) == 200
        assert _token(reader.issuer, client) == 401
    reader.put({"cli_01jd8x5q1wf6c8m0v3r2k9t7hz": client[0]})
    assert "tos_uri https://desk.example/terms" in reader.type("links of a client")
    _follow_invitations(reader)
    assert "max@orchid.example in orchid is enabled" in reader.type("people")
    assert "a guest of orchid" in reader.type("a guest")
    assert "last administrator" in reader.refused("the last administrator stays")
    assert "orchid/night-shift: Unlocks people" in reader.type("a role of its own")
    said = reader.type("until a moment, and for good")
    assert "SUPPORT_AGENT until 2099-01-01 00:00 UTC" in said
    assert "night-shift is gone from orchid; 0 people had it." in said


def _follow_invitations(reader: Reader) -> None:
    """They come after the section about people in the page, and need nobody of it."""
    said = reader.type("invite")
    (invitation,) = re.findall(r"inv_[0-9a-z]{26}", said)
    reader.put({"inv_01jd8x5q1wf6c8m0v3r2k9t7hz": invitation})
    assert "eve@orchid.example" in reader.type("what is open")
    said = reader.type("again, and back")
    assert "is on its way" in said
    assert "is revoked" in said
    said = reader.type("let people register")
    assert "registration on for orchid.example as customer_viewer" in said
    assert "registration off" in said


def _token(issuer: str, client: tuple[str, str]) -> int:
    form = {"grant_type": "client_credentials"}
    url = f"{issuer}/oauth/token"
    return requests.post(url, data=form, auth=client, timeout=TIMEOUT).status_code
