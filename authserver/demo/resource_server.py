"""A demo API that accepts the access tokens of the authorization server, through its SDK."""

from flask import Flask, jsonify
from werkzeug.wrappers import Response

from authserver.demo.config import AUDIENCE, RESOURCE_SERVER, DemoConfig, from_environment
from authserver.demo.serve import serve
from authserver.sdk.flask import ResourceServer, current_user, public, roles, scopes, service_only
from authserver.sdk.verifier import TokenVerifier

OPERATORS = ("NOC_OPERATOR", "NOC_MANAGER", "CLOUD_OPS", "OPERATIONS_MANAGER", "PLATFORM_ADMIN")


def create_app(config: DemoConfig | None = None) -> Flask:
    """Return the API; a route that declares nothing would be refused."""
    config = config or from_environment()
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/", view_func=home)
    app.add_url_rule("/reports", view_func=reports)
    app.add_url_rule("/operations", view_func=operations)
    app.add_url_rule("/imports", view_func=imports, methods=["POST"])
    verifier = TokenVerifier(issuer=config.issuer, audience=AUDIENCE)
    ResourceServer(verifier, realm="demo").init_app(app)
    return app


@public
def home() -> Response:
    """Say what is here; everybody may ask."""
    return jsonify(
        service="Demo API",
        audience=AUDIENCE,
        routes={
            "GET /reports": "scope reports:read",
            "GET /operations": f"a role of {', '.join(OPERATORS)}",
            "POST /imports": "a machine's token with scope reports:write",
        },
    )


@scopes("reports:read")
def reports() -> Response:
    """Answer whoever was granted the scope, with data of their tenant."""
    return jsonify(
        tenant=current_user.tenant,
        caller=current_user.subject,
        reports=[
            {"id": 1, "title": f"Usage of {current_user.tenant} in October"},
            {"id": 2, "title": f"Usage of {current_user.tenant} in November"},
        ],
    )


@roles(*OPERATORS)
def operations() -> Response:
    """Answer people with a role in operations."""
    return jsonify(status="all green", roles=sorted(current_user.roles))


@service_only
@scopes("reports:write")
def imports() -> Response:
    """Answer machines, never people."""
    return jsonify(accepted=True, client=current_user.client_id)


if __name__ == "__main__":
    serve("authserver.demo.resource_server:create_app", RESOURCE_SERVER)
