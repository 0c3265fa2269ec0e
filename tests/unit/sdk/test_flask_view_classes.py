from collections.abc import Callable

from flask import Flask, Response
from flask.views import MethodView, View

from authserver.sdk.flask import current_user, public, roles, scopes

Mint = Callable[..., str]
Guarded = Callable[..., Callable[..., Response]]


def whoami() -> dict[str, str]:
    return {"sub": current_user.subject}


def test_a_view_class_can_be_declared_as_a_whole(app: Flask, guarded: Guarded) -> None:
    @roles("SALES_REP")
    class Sales(MethodView):
        def get(self) -> dict[str, str]:
            return whoami()

    class Admin(View):
        decorators = (roles("admin"),)

        def dispatch_request(self) -> dict[str, str]:
            return whoami()

    class Forgotten(MethodView):
        def get(self) -> dict[str, str]:
            return whoami()

    for kind in (Sales, Admin, Forgotten):
        name = kind.__name__.lower()
        app.add_url_rule(f"/{name}", view_func=kind.as_view(name))
    ask = guarded(app)
    assert ask("/sales").json == {"sub": "usr_ann"}
    assert ask("/sales", bare=True).status_code == 401
    assert ask("/admin").status_code == 403
    assert ask("/admin", roles=["admin"]).status_code == 200
    assert ask("/forgotten").status_code == 403


def test_declaring_a_class_leaves_its_relatives_alone() -> None:
    @public
    class Child(View):
        pass

    assert len(Child.decorators) == 1
    assert len(View.decorators) == 0


def test_methods_of_a_view_class_can_be_declared_one_by_one(app: Flask, guarded: Guarded) -> None:
    class Invoices(MethodView):
        @public
        def get(self) -> dict[str, bool]:
            return {"user": bool(current_user)}

        @roles("SALES_REP")
        def post(self) -> dict[str, str]:
            return whoami()

        @scopes("invoices:write")
        def put(self) -> dict[str, str]:
            return whoami()

        def delete(self) -> dict[str, str]:
            return whoami()

    app.add_url_rule("/", view_func=Invoices.as_view("invoices"))
    ask = guarded(app)
    assert ask("/", bare=True).json == {"user": False}
    assert ask("/", "HEAD", bare=True).status_code == 200
    assert ask("/", "POST", bare=True).status_code == 401
    assert ask("/", "POST").json == {"sub": "usr_ann"}
    assert ask("/", "PUT").status_code == 403
    assert ask("/", "DELETE").status_code == 403
    # Nobody declared delete, and OPTIONS speaks of it too.
    assert ask("/", "OPTIONS", scope="invoices:write").status_code == 403


def test_options_of_a_view_class_need_what_all_of_its_methods_need(
    app: Flask, guarded: Guarded
) -> None:
    class Invoices(MethodView):
        @public
        def get(self) -> str:
            return ""

        @roles("SALES_REP")
        def post(self) -> str:
            return ""

    app.add_url_rule("/", view_func=Invoices.as_view("invoices"))
    ask = guarded(app)
    assert ask("/", "OPTIONS", bare=True).status_code == 401
    assert ask("/", "OPTIONS").status_code == 200


def test_the_demands_of_a_class_and_of_its_method_add_up(app: Flask, guarded: Guarded) -> None:
    class Invoices(MethodView):
        decorators = (roles("SALES_REP"),)

        @public
        def get(self) -> dict[str, str]:
            return whoami()

        @scopes("invoices:write")
        def post(self) -> dict[str, str]:
            return whoami()

    app.add_url_rule("/", view_func=Invoices.as_view("invoices"))
    ask = guarded(app)
    assert ask("/", bare=True).status_code == 401
    assert ask("/").status_code == 200
    assert ask("/", "POST").status_code == 403
    assert ask("/", "POST", scope="invoices:write", roles=[]).status_code == 403
    assert ask("/", "POST", scope="invoices:write").status_code == 200
