"""The token endpoint: RFC 6749 sections 3.2, 4.1.3, 5.1 and 5.2."""

import pytest
from sqlalchemy import text

from tests.spec.tools import Stage, error_of, events, machine, part, post, stage
from tests.support.browser import Party
from tests.support.world import World


@pytest.mark.every_database
@pytest.mark.rfc("RFC 6749 section 5.1")
def test_the_answer_is_json_that_nobody_keeps(on: Stage) -> None:
    answer = on.party.redeem(on.code())
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Pragma"] == "no-cache"
    said = answer.json
    assert sorted(said) == [
        *("access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"),
    ]
    assert (said["token_type"], said["expires_in"]) == ("Bearer", 900)
    assert said["scope"] == part(said["access_token"], 1)["scope"]


@pytest.mark.rfc("RFC 6749 section 5.2")
def test_an_error_is_json_that_nobody_keeps(on: Stage) -> None:
    answer = on.party.redeem("unknown")
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert sorted(answer.json) == ["error", "error_description"]


@pytest.mark.rfc("OpenID Connect Core section 3.1.3.4")
@pytest.mark.any_database
@pytest.mark.rfc("RFC 6749 section 5.2")
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"grant_type": "AUTHORIZATION_CODE"}, "unsupported_grant_type"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "unauthorized_client"),
        (
            {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"},
            "unauthorized_client",
        ),
        ({"grant_type": "__init__"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "nope"}, "invalid_scope"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "a  b"}, "invalid_scope"),
        (
            {"grant_type": "refresh_token", "refresh_token": "x", "resource": "https://x.example"},
            "invalid_target",
        ),
    ],
)
def test_each_mistake_has_its_error_code(on: Stage, form: dict[str, str], error: str) -> None:
    assert error_of(on.party.token(**form)) == (400, error)


@pytest.mark.rfc("RFC 6749 section 5.2")
@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
@pytest.mark.parametrize("kind", ["service", "partner"])
def test_machines_may_not_use_the_grants_of_people(world: World, kind: str, grant: str) -> None:
    answer = machine(world, kind).token(grant_type=grant, code="x", refresh_token="x")
    assert error_of(answer) == (400, "unauthorized_client")


@pytest.mark.rfc("RFC 6749 section 4.1.3")
def test_a_code_gives_what_was_consented_whatever_scope_the_token_request_names(
    on: Stage,
) -> None:
    code = on.code(scope="openid orders:read")
    answer = on.party.redeem(code, scope="openid orders:read orders:write")
    granted = answer.json.get("scope", "openid orders:read")
    assert "orders:write" not in granted


@pytest.mark.rfc("RFC 6749 section 4.1.3")
def test_the_issue_is_recorded_in_the_tenants_trail(on: Stage) -> None:
    on.tokens()
    (event,) = events(on.world, on.tenant, "tokens.issued")
    assert event["actor"]["kind"] == "client"
    assert event["resource"].startswith("family:")
    assert "ac_" not in str(event)
    assert "rt_" not in str(event)


@pytest.mark.every_database
@pytest.mark.rfc("RFC 6749 section 4.1.3")
@pytest.mark.parametrize("secret_of", ["authorization_codes", "refresh_tokens"])
def test_codes_and_refresh_tokens_are_stored_only_as_hashes(on: Stage, secret_of: str) -> None:
    code = on.code()
    token = on.party.redeem(code).json["refresh_token"]
    on.party.refresh(token)
    with on.world.services.database.read() as view:
        rows = view.connection.execute(text(f"SELECT * FROM {secret_of}")).all()  # noqa: S608
    stored = b"".join(bytes(c) for row in rows for c in row if isinstance(c, bytes | memoryview))
    for secret in (code, token):
        assert secret not in str(rows)
        assert secret.encode() not in stored


@pytest.mark.any_database
@pytest.mark.rfc("RFC 6749 section 3.2")
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "text/plain", "multipart/form-data; boundary=x", "", "application/x"],
)
def test_only_forms_are_read(on: Stage, content_type: str) -> None:
    answer = post(
        on.world,
        "/oauth/token",
        b'{"grant_type": "client_credentials"}',
        content_type=content_type,
        auth=(on.client.id, on.client.secret),
    )
    assert error_of(answer) == (400, "invalid_request")


@pytest.mark.rfc("RFC 6749 section 3.2")
def test_a_charset_after_the_form_type_is_fine(world: World) -> None:
    party = machine(world)
    answer = post(
        world,
        "/oauth/token",
        b"grant_type=client_credentials",
        content_type="application/x-www-form-urlencoded; charset=UTF-8",
        auth=(party.client.id, party.client.secret),
    )
    assert answer.status_code == 200


@pytest.mark.rfc("RFC 6749 section 2.3")
def test_a_public_client_names_itself_and_needs_its_verifier(world: World) -> None:
    on = stage(world, "spa")
    code = on.code()
    assert error_of(on.party.redeem(code, code_verifier=None)) == (400, "invalid_grant")
    assert Party(world, on.client).redeem(code).status_code == 200
