"""docs/partners.md: tokens, rate headers, rotation of secrets, and assertions."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.reader import Reader, following

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Give a reader who has registered the partner."""
    with following("docs/partners.md", tmp_path_factory.mktemp("partners")) as reader:
        client_id, secret = reader.register("register")
        reader.environment |= {"CLIENT_ID": client_id, "CLIENT_SECRET": secret}
        yield reader


def test_partner_gets_a_token_with_the_scope_asked_for_and_rate_headers(reader: Reader) -> None:
    status, headers, token = _fetch(reader)
    assert (status, token["scope"]) == (200, "orders:read")
    told = reader.page.table("Rate limits")
    assert headers["ratelimit-policy"] == told["RateLimit-Policy"][0].split("`")[1]
    # How much is left depends on the tests before.
    assert re.fullmatch(r'"default";r=\d+;t=\d+', headers["ratelimit"])


def test_quotas_are_named_beside_the_rate_and_usage_says_what_is_left(reader: Reader) -> None:
    reader.type("quotas")
    status, headers, _ = _fetch(reader)
    assert status == 200
    told = reader.page.table("Quotas")["RateLimit-Policy"][0].split("`")[1]
    rate_and_day = told.rpartition(", ")[0]
    assert headers["ratelimit-policy"].startswith(f'{rate_and_day}, "month";q=100000;w=')
    assert '"day";r=4999;t=' in headers["ratelimit"]
    assert "1 of 5000 this day" in reader.type("usage")


def test_both_secrets_work_after_a_rotation(reader: Reader) -> None:
    old = reader.environment["CLIENT_SECRET"]
    [new] = re.findall(r"client_secret\s+(cs_\S+)", reader.type("rotate"))
    assert new != old
    for secret in (old, new):
        reader.environment["CLIENT_SECRET"] = secret
        assert _fetch(reader)[0] == 200


def test_wrong_secret_gets_the_status_that_is_told(reader: Reader) -> None:
    right = reader.environment["CLIENT_SECRET"]
    reader.environment["CLIENT_SECRET"] = "cs_wrong"
    status, _, answer = _fetch(reader)
    assert [str(status)] == reader.page.table("Errors")[answer["error"]][:1]
    reader.environment["CLIENT_SECRET"] = right


def test_partner_with_a_key_of_its_own_gets_a_token(reader: Reader) -> None:
    reader.save("make_key.py", "fetch_with_key.py")
    client_id, secret = reader.register("register with a key")
    assert secret == ""
    reader.environment |= {"CLIENT_ID": client_id}
    token = json.loads(reader.type("fetch with a key"))
    assert token["token_type"] == "Bearer"


def _fetch(reader: Reader) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return status, headers and document of the page's request."""
    head, _, body = reader.type("fetch").replace("\r", "").partition("\n\n")
    status, *lines = head.split("\n")
    headers = {name.lower(): value for name, _, value in (ln.partition(": ") for ln in lines)}
    return int(status.split()[1]), headers, json.loads(body)
