"""docs/grants.md: a device, an exchange, an assertion."""

import json
import os
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from authserver.core.jose import SigningKey, generate_private_key
from authserver.oauth.errors import OAuthError
from tests.docs.reader import ADA, Reader, following
from tests.support.tokens import CHALLENGE, VERIFIER
from tests.support.waiting import wait_for
from tests.support.walker import Walker, answered

pytestmark = pytest.mark.processes
API = "https://api.orchid.example"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader who has the README's portal, and a service behind it."""
    with following("README.md", tmp_path_factory.mktemp("grants")) as reader:
        portal, secret = reader.register("register the portal")
        reader.environment |= {"PORTAL_ID": portal, "PORTAL_SECRET": secret}
        said = json.loads(
            reader.command(
                "authserver clients create --json --tenant orchid --name Orders --kind service"
                f" --audience {API} --scope orders:read"
            )
        )
        reader.environment |= {
            "SERVICE_ID": said["client_id"],
            "SERVICE_SECRET": said["client_secret"],
        }
        reader.follow("docs/grants.md")
        yield reader


def test_a_device_gets_its_codes_and_waits(reader: Reader) -> None:
    client_id, secret = reader.register("register a television")
    assert secret == ""
    reader.environment["CLIENT_ID"] = client_id
    given = json.loads(reader.type("ask for codes"))
    assert given["verification_uri"] == f"{reader.issuer}/device"
    reader.environment["DEVICE_CODE"] = given["device_code"]
    told = reader.page.table("Devices")
    for error in ("authorization_pending", "slow_down"):
        answer = json.loads(reader.type("ask whether somebody has answered"))
        assert answer["error"] == error
        assert error in told
    assert set(told) <= set(OAuthError.STATUS)


def test_an_assertion_becomes_a_token(reader: Reader) -> None:
    key = SigningKey(generate_private_key("ES256"), "ES256")
    (reader.folder / "jwks.json").write_text(json.dumps({"keys": [key.public_jwk]}))
    assert "https://ci.example" in reader.type("trust an issuer")
    now = int(time.time())
    claims = {
        "iss": "https://ci.example",
        "sub": "repo:orchid/shop",
        "aud": reader.issuer,
        "iat": now,
        "exp": now + 60,
        "jti": os.urandom(8).hex(),
    }
    assert set(reader.page.table("Assertions")) == set(claims)
    reader.environment["ASSERTION"] = key.sign("JWT", claims)
    assert json.loads(reader.type("bring an assertion"))["scope"] == "orders:read"
    assert json.loads(reader.type("bring an assertion"))["error"] == "invalid_grant"


def test_a_token_is_exchanged_for_the_next_service(reader: Reader) -> None:
    reader.environment["ACCESS_TOKEN"] = _token_of_ada(reader)
    reader.type("allow an exchange")
    assert "within a second" in reader.page.section("Exchanges")
    wait_for(lambda: _exchanged(reader) == "orders:read", "the server knows the rule")


def _exchanged(reader: Reader) -> str:
    return str(json.loads(reader.type("exchange a token")).get("scope", ""))


def _token_of_ada(reader: Reader) -> str:
    """Sign Ada in to an application of the tenant whose tokens are for the service."""
    made = json.loads(
        reader.command(
            "authserver clients create --json --tenant orchid --name Desk --kind web --first-party"
            " --redirect-uri https://desk.orchid.example/cb --scope openid --scope orders:read"
            f" --audience {API}"
        )
    )
    reader.environment["PORTAL_ID"] = made["client_id"]
    wanted = {
        "client_id": made["client_id"],
        "redirect_uri": "https://desk.orchid.example/cb",
        "response_type": "code",
        "scope": "openid orders:read",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    url = f"{reader.issuer}/oauth/authorize?{urlencode(wanted)}"
    code = answered(Walker(ADA).walk(url, until=wanted["redirect_uri"]))["code"]
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    form["redirect_uri"] = wanted["redirect_uri"]
    data = " ".join(f"-d {name}={value}" for name, value in form.items())
    who = f"{made['client_id']}:{made['client_secret']}"
    said = reader.command(f"curl {reader.issuer}/oauth/token -u {who} {data}")
    return str(json.loads(said)["access_token"])
