import functools
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Response, g, request

from authserver.sdk.flask import ResourceServer, current_user, public, roles, scopes, service_only
from authserver.sdk.verifier import TokenVerifier

Mint = Callable[..., str]
Guarded = Callable[..., Callable[..., Response]]


def whoami() -> dict[str, str]:
    return {"sub": current_user.subject}


def test_one_function_can_be_declared_differently_for_two_routes(
    app: Flask, guarded: Guarded
) -> None:
    def view() -> str:
        return "here"

    app.get("/open", endpoint="open")(public(view))
    app.get("/closed", endpoint="closed")(roles("admin")(view))
    app.get("/bare", endpoint="bare")(view)
    ask = guarded(app)
    assert ask("/open", bare=True).status_code == 200
    assert ask("/closed").status_code == 403
    assert ask("/bare").status_code == 403


def test_another_decorator_may_stand_above_or_below(app: Flask, guarded: Guarded) -> None:
    def plain(view: Callable[..., object]) -> Callable[..., object]:
        @functools.wraps(view)
        def wrapped(*args: object, **kwargs: object) -> object:
            return view(*args, **kwargs)

        return wrapped

    def forgetful(view: Callable[..., object]) -> Callable[..., object]:
        def wrapped() -> object:
            return view()

        return wrapped

    app.get("/above", endpoint="above")(plain(roles("SALES_REP")(whoami)))
    app.get("/below", endpoint="below")(roles("SALES_REP")(plain(whoami)))
    app.get("/lost", endpoint="lost")(forgetful(public(lambda: "")))
    ask = guarded(app)
    assert ask("/above").json == ask("/below").json == {"sub": "usr_ann"}
    assert ask("/above", roles=[]).status_code == 403
    assert ask("/below", roles=[]).status_code == 403
    assert ask("/lost").status_code == 403


def test_a_view_that_is_called_by_another_still_demands(app: Flask, guarded: Guarded) -> None:
    admin = app.get("/admin", endpoint="admin")(roles("admin")(whoami))

    @app.get("/open")
    @public
    def opened() -> object:
        return admin()

    ask = guarded(app)
    assert ask("/open", bare=True).status_code == 401
    assert ask("/open").status_code == 403
    assert ask("/open", roles=["admin"]).json == {"sub": "usr_ann"}


def test_without_the_extension_a_declared_view_does_not_answer(app: Flask) -> None:
    app.get("/admin", endpoint="admin")(roles("admin")(whoami))
    app.testing = True
    with pytest.raises(RuntimeError, match="init_app"):
        app.test_client().get("/admin")


def test_static_files_are_refused_until_they_are_declared(tmp_path: Path, guarded: Guarded) -> None:
    (tmp_path / "a.txt").write_text("a")
    closed, opened = (Flask(__name__, static_folder=str(tmp_path)) for _ in range(2))
    opened.view_functions["static"] = public(opened.view_functions["static"])
    path = f"/{tmp_path.name}/a.txt"
    assert guarded(closed)(path).status_code == 403
    answer = guarded(opened)(path, bare=True)
    assert answer.text == "a"
    answer.close()


def test_refused_routes_are_named_at_start_up_and_only_once(
    app: Flask, verifier: TokenVerifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    guard = ResourceServer(verifier)
    app.add_url_rule("/early", "early", whoami, methods=["GET", "POST"])
    app.add_url_rule("/fine", "fine", public(whoami))
    guard.init_app(app)
    early = [record.getMessage().rpartition(": ")[2] for record in caplog.records]
    assert early == ["GET /early (early)", "POST /early (early)"]
    app.add_url_rule("/late", "late", whoami)
    caplog.clear()
    for _ in range(3):
        app.test_client().get("/fine?x")
    late = [record.getMessage().rpartition(": ")[2] for record in caplog.records]
    assert late[:1] == ["GET /late (late)"]
    assert "refused for everybody" not in "".join(r.getMessage() for r in caplog.records[1:])
    assert guard.undeclared(app) == (
        "GET /early (early)",
        "GET /late (late)",
        "POST /early (early)",
    )


def test_the_guard_runs_before_every_other_hook(app: Flask, guarded: Guarded) -> None:
    ran: list[str] = []
    app.before_request(lambda: ran.append(request.path))
    app.get("/admin", endpoint="admin")(roles("admin")(whoami))
    app.get("/sales", endpoint="sales")(roles("SALES_REP")(whoami))
    app.get("/both", endpoint="both")(roles("SALES_REP")(roles("admin")(whoami)))
    ask = guarded(app)
    ask("/admin")
    ask("/both")
    assert ran == []
    ask("/sales")
    assert ran == ["/sales"]


def test_nobody_inherits_the_user_of_an_earlier_request(app: Flask, guarded: Guarded) -> None:
    app.get("/open", endpoint="open")(public(lambda: {"user": bool(current_user)}))
    app.get("/sales", endpoint="sales")(roles("SALES_REP")(whoami))
    ask = guarded(app)
    with app.app_context():
        # An outer application context makes `g` live longer than a request.
        g.kept = True
        assert ask("/sales").status_code == 200
        assert ask("/open").json == {"user": False}
        assert ask("/sales", bare=True).status_code == 401


def test_a_user_that_somebody_put_into_the_environment_does_not_count(
    *, app: Flask, guarded: Guarded, verifier: TokenVerifier, mint: Mint
) -> None:
    app.get("/sales", endpoint="sales")(roles("SALES_REP")(whoami))
    guarded(app)
    environ = {"authserver.sdk.access_token": verifier.verify(mint())}
    assert app.test_client().get("/sales", environ_overrides=environ).status_code == 401


def test_a_form_can_still_be_read_by_the_view(app: Flask, guarded: Guarded, mint: Mint) -> None:
    app.post("/", endpoint="post")(
        scopes("openid")(lambda: {"raw": request.get_data(as_text=True), "a": request.form["a"]})
    )
    guarded(app)
    headers = {"Authorization": f"Bearer {mint()}"}
    answer = app.test_client().post("/", data={"a": "1 2"}, headers=headers)
    assert answer.json == {"raw": "a=1+2", "a": "1 2"}


def test_the_body_of_a_public_route_is_left_alone(app: Flask, guarded: Guarded) -> None:
    app.post("/", endpoint="hook")(public(lambda: request.stream.read().decode()))
    guarded(app)
    assert app.test_client().post("/", data={"access_token": "x"}).text == "access_token=x"


@pytest.mark.parametrize(
    "declare",
    [
        roles,
        lambda: roles(""),
        lambda: roles(whoami),
        lambda: roles(["admin", "other"]),
        scopes,
        lambda: scopes("a b"),
        lambda: scopes('a"b'),
        lambda: scopes(""),
        lambda: public(roles("admin")(whoami)),
        lambda: roles("admin")(public(whoami)),
        lambda: service_only(public(whoami)),
        lambda: public(dict),
        lambda: public("view"),
        lambda: roles("admin")(None),
    ],
)
def test_a_declaration_that_cannot_be_meant_fails_at_once(
    declare: Callable[[], object],
) -> None:
    with pytest.raises(TypeError):
        declare()


@pytest.mark.parametrize("realm", ["", 'a"b', "a\\b", "a\r\nb", "é"])
def test_a_realm_that_would_break_the_header_is_refused(
    verifier: TokenVerifier, realm: str
) -> None:
    with pytest.raises(ValueError, match="realm"):
        ResourceServer(verifier, realm=realm)


def test_an_application_is_guarded_once(app: Flask, verifier: TokenVerifier) -> None:
    ResourceServer(verifier).init_app(app)
    with pytest.raises(RuntimeError, match="already"):
        ResourceServer(verifier).init_app(app)
