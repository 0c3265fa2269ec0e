import logging
from collections.abc import Callable, Iterator

import pytest
from flask import Blueprint, Flask, Response
from flask.testing import FlaskClient

from authserver.sdk.flask import ResourceServer, current_user, public, roles, scopes, service_only
from authserver.sdk.verifier import TokenVerifier

Mint = Callable[..., str]
Ask = Callable[..., Response]


def whoami() -> dict[str, str]:
    return {"sub": current_user.subject}


@pytest.fixture
def app(verifier: TokenVerifier) -> Flask:
    """Make an API with a route of each kind, guarded after its routes were made."""
    app = Flask(__name__, static_folder=None)
    app.get("/open", endpoint="open")(public(lambda: {"user": bool(current_user)}))
    app.get("/sales", endpoint="sales")(roles("SALES_REP", "SALES_MANAGER")(whoami))
    app.get("/admin", endpoint="admin")(roles("admin")(whoami))
    app.route("/invoices", endpoint="invoices", methods=["GET", "POST"])(
        scopes("openid", "invoices:read")(whoami)
    )
    app.get("/write", endpoint="write")(scopes("invoices:read", "invoices:write")(whoami))
    app.get("/job", endpoint="job")(service_only(whoami))
    app.get("/both", endpoint="both")(roles("SALES_REP")(scopes("invoices:write")(whoami)))
    app.get("/forgotten", endpoint="forgotten")(whoami)
    ResourceServer(verifier).init_app(app)
    return app


@pytest.fixture
def client(app: Flask) -> Iterator[FlaskClient]:
    with app.test_client() as client:
        yield client


@pytest.fixture
def ask(client: FlaskClient, mint: Mint) -> Ask:
    """Call the API with a good token, changed by claims."""

    def asked(path: str, method: str = "GET", **claims: object) -> Response:
        return client.open(
            path, method=method, headers={"Authorization": f"Bearer {mint(**claims)}"}
        )

    return asked


def test_a_public_route_is_open_and_has_no_user(client: FlaskClient) -> None:
    assert client.get("/open").json == {"user": False}


def test_a_public_route_does_not_look_at_credentials(ask: Ask) -> None:
    assert ask("/open", exp=1).json == {"user": False}


def test_any_one_of_the_roles_opens(ask: Ask) -> None:
    assert ask("/sales").json == {"sub": "usr_ann"}
    assert ask("/sales", roles=["SALES_MANAGER"]).status_code == 200


@pytest.mark.parametrize(
    "held",
    [..., [], ["ADMIN"], ["acme/admin"], ["admin "], ["administrator"], ["\u0430dmin"]],
    ids=ascii,
)
def test_a_role_is_compared_letter_by_letter(ask: Ask, held: object) -> None:
    answer = ask("/admin", roles=held)
    assert answer.status_code == 403
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert "scope=" not in challenge.replace("insufficient_scope", "")
    assert "admin" not in answer.text


@pytest.mark.rfc("RFC 6750 section 3.1, insufficient_scope")
def test_all_of_the_scopes_are_needed_and_named(ask: Ask) -> None:
    assert ask("/invoices").json == {"sub": "usr_ann"}
    answer = ask("/write")
    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="api", error="insufficient_scope", '
        'error_description="The access token lacks a scope.", '
        'scope="invoices:read invoices:write"'
    )
    assert answer.json["error"] == "insufficient_scope"


@pytest.mark.bcp("R-30")
def test_only_a_service_is_a_service(ask: Ask, client: FlaskClient, mint_service: Mint) -> None:
    assert ask("/job").status_code == 403
    headers = {"Authorization": f"Bearer {mint_service()}"}
    assert client.get("/job", headers=headers).json == {"sub": "cli_job"}
    assert client.get("/sales", headers=headers).status_code == 403


def test_decorators_add_up(ask: Ask) -> None:
    assert ask("/both").status_code == 403
    assert ask("/both", scope="invoices:write", roles=["EXECUTIVE"]).status_code == 403
    assert ask("/both", scope="invoices:write").json == {"sub": "usr_ann"}


@pytest.mark.attack("ATK-125")
def test_a_route_that_nobody_declared_is_refused_for_everybody(
    ask: Ask, client: FlaskClient
) -> None:
    for answer in (client.get("/forgotten"), ask("/forgotten"), ask("/forgotten", "OPTIONS")):
        assert answer.status_code == 403
        assert answer.content_type == "application/problem+json"
        assert "WWW-Authenticate" not in answer.headers


def test_what_does_not_exist_is_answered_by_flask(client: FlaskClient, ask: Ask) -> None:
    assert client.get("/nothing").status_code == 404
    assert ask("/nothing").status_code == 404
    assert client.post("/sales").status_code == 405


def test_options_and_head_need_what_their_view_needs(client: FlaskClient, ask: Ask) -> None:
    for method in ("OPTIONS", "HEAD"):
        assert client.open("/sales", method=method).status_code == 401
        assert ask("/sales", method).status_code == 200
        assert ask("/admin", method).status_code == 403
        assert client.open("/open", method=method).status_code == 200


@pytest.mark.rfc("RFC 6750 section 3")
def test_without_credentials_the_challenge_names_no_error(client: FlaskClient) -> None:
    answer = client.get("/sales")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": 401,
        "detail": "An access token is needed.",
    }


@pytest.mark.rfc("RFC 6750 section 3.1, invalid_token")
@pytest.mark.parametrize(
    ("changed", "description"),
    [
        ({"exp": 1_800_000_001, "iat": 1_799_999_000}, None),
        ({"exp": 1_799_999_900, "iat": 1_799_999_000}, "The access token has expired."),
        ({"aud": 'x"\r\nSet-Cookie: a=b'}, "The access token is not valid."),
        ({"iss": 'https://x"'}, "The access token is not valid."),
    ],
)
def test_a_bad_token_is_answered_without_telling_why(
    ask: Ask, changed: dict[str, object], description: str | None
) -> None:
    answer = ask("/sales", **changed)
    if description is None:
        assert answer.status_code == 200
        return
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="api", error="invalid_token", error_description="{description}"'
    )
    assert answer.json["detail"] == description


@pytest.mark.bcp("R-17")
@pytest.mark.parametrize("with_header", [True, False])
def test_a_token_in_the_query_is_refused(
    client: FlaskClient, mint: Mint, *, with_header: bool
) -> None:
    headers = {"Authorization": f"Bearer {mint()}"} if with_header else {}
    answer = client.get("/sales", query_string={"access_token": mint()}, headers=headers)
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


@pytest.mark.bcp("R-17")
@pytest.mark.parametrize("with_header", [True, False])
def test_a_token_in_a_form_is_refused(
    client: FlaskClient, mint: Mint, *, with_header: bool
) -> None:
    headers = {"Authorization": f"Bearer {mint()}"} if with_header else {}
    answer = client.post("/invoices", data={"access_token": mint()}, headers=headers)
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_request"


def test_a_huge_form_is_not_read_and_its_token_not_used(client: FlaskClient, mint: Mint) -> None:
    answer = client.post("/invoices", data={"x": "y" * 70_000, "access_token": mint()})
    assert answer.status_code == 401


def test_a_cookie_is_no_credential(client: FlaskClient, mint: Mint) -> None:
    client.set_cookie("access_token", mint())
    client.set_cookie("Authorization", f"Bearer {mint()}")
    assert client.get("/sales").status_code == 401


def test_two_authorization_headers_are_refused(client: FlaskClient, mint: Mint) -> None:
    twice = [("Authorization", f"Bearer {mint()}"), ("Authorization", f"Bearer {mint()}")]
    assert client.get("/sales", headers=twice).status_code == 400
    mixed = [("Authorization", "Basic YTpi"), ("Authorization", f"Bearer {mint()}")]
    assert client.get("/sales", headers=mixed).status_code == 401


def test_keys_that_cannot_be_read_are_answered_with_503(
    build: Callable[..., TokenVerifier], mint: Mint
) -> None:
    def unreachable(_url: str) -> None:
        raise OSError("down")

    app = Flask(__name__, static_folder=None)
    app.get("/")(roles("SALES_REP")(whoami))
    ResourceServer(build(fetch=unreachable)).init_app(app)
    answer = app.test_client().get("/", headers={"Authorization": f"Bearer {mint()}"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "WWW-Authenticate" not in answer.headers
    assert "down" not in answer.text


def test_the_reason_is_logged_and_the_token_is_not(
    ask: Ask, mint: Mint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask("/sales", aud="https://other.example.com")
    assert "https://other.example.com" in caplog.text
    assert mint(aud="https://other.example.com").partition(".")[0] not in caplog.text


def test_a_blueprint_is_guarded_too(verifier: TokenVerifier, mint: Mint) -> None:
    app = Flask(__name__, static_folder=None)
    ResourceServer(verifier).init_app(app)
    part = Blueprint("part", __name__)
    part.get("/sales", endpoint="sales")(roles("SALES_REP")(whoami))
    part.get("/admin", endpoint="admin")(roles("admin")(whoami))
    part.get("/forgotten", endpoint="forgotten")(whoami)
    app.register_blueprint(part, url_prefix="/part")
    client = app.test_client()
    headers = {"Authorization": f"Bearer {mint()}"}
    assert client.get("/part/sales").status_code == 401
    assert client.get("/part/sales", headers=headers).json == {"sub": "usr_ann"}
    assert client.get("/part/admin", headers=headers).status_code == 403
    assert client.get("/part/forgotten", headers=headers).status_code == 403
