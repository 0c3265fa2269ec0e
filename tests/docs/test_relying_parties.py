"""docs/relying-parties.md: its requests, and what it promises of them."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.docs.reader import ADA, Reader, following
from tests.spec.assertions import KeyPair
from tests.support.tokens import CHALLENGE, VERIFIER
from tests.support.walker import Walker, answered

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader with the README's portal, whose code stands in the variable CODE."""
    with following("README.md", tmp_path_factory.mktemp("parties")) as reader:
        client_id, secret = reader.register("register the portal")
        reader.environment |= {
            "CLIENT_ID": client_id,
            "CLIENT_SECRET": secret,
            "VERIFIER": VERIFIER,
        }
        reader.follow("docs/relying-parties.md")
        reader.environment["CODE"] = _code(reader)
        yield reader


def test_code_is_exchanged_refreshed_and_revoked_as_the_page_says(reader: Reader) -> None:
    first = _tokens(reader, "exchange a code")
    assert {"access_token", "refresh_token", "id_token"} <= first.keys()
    reader.environment["REFRESH_TOKEN"] = first["refresh_token"]
    second = _tokens(reader, "refresh")
    assert second["refresh_token"] != first["refresh_token"]
    assert _tokens(reader, "refresh") == second, "within the grace window"
    reader.environment["REFRESH_TOKEN"] = second["refresh_token"]
    assert reader.type("revoke") == ""
    assert _tokens(reader, "refresh")["error"] == "invalid_grant"


def test_sign_out_page_is_where_the_page_says(reader: Reader) -> None:
    assert "`/login/logout`" in reader.page.section("Sign-out")
    walker = Walker(ADA)
    assert walker.visit(f"{reader.issuer}/login/logout").status_code == 200


def test_client_of_the_profile_is_registered_as_the_page_says(reader: Reader) -> None:
    public = KeyPair("ES256").public
    (reader.folder / "bank.jwks.json").write_text(json.dumps({"keys": [public]}))
    assert "Registered Bank" in reader.type("register a client of the profile")


def _code(reader: Reader) -> str:
    """Sign Ada in with the parameters that the page calls required, and return the code."""
    redirect_uri = f"{reader.portal}/callback"
    query = {
        "client_id": reader.environment["CLIENT_ID"],
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    asked = set(query)
    table = reader.page.table("The authorization request")
    assert {name for name, row in table.items() if "required" in row[0]} == asked
    url = f"{reader.issuer}/oauth/authorize?{urlencode(query)}"
    answer = answered(Walker(ADA).walk(url, until=redirect_uri))
    assert answer.keys() == {"code", "iss"}
    assert answer["iss"] == reader.issuer
    return answer["code"]


def _tokens(reader: Reader, title: str) -> dict[str, Any]:
    return dict(json.loads(reader.type(title)))
