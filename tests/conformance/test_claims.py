"""Basic OP: what a scope or the `claims` parameter opens, and where it is told."""

import pytest

from tests.conformance.party import RelyingParty
from tests.spec.tools import post

PATH = "/oauth/userinfo"


@pytest.mark.module("oidcc-userinfo-get")
@pytest.mark.module("oidcc-userinfo-post-header")
@pytest.mark.module("oidcc-userinfo-post-body")
def test_userinfo_is_told_in_three_ways(rp: RelyingParty) -> None:
    token = rp.sign_in().tokens["access_token"]
    body = post(rp.world, PATH, {"access_token": token})
    answers = [rp.party.userinfo(token), rp.party.userinfo(token, "POST"), body]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.mimetype == "application/json"
        assert answer.json == answers[0].json
        assert answer.json["sub"] == rp.person.id
