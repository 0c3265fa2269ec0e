import pytest
from flask import Flask

from authserver.demo.config import ClientCredentials, DemoConfig
from authserver.demo.resource_server import create_app
from authserver.sdk.flask import ResourceServer

NOBODY = ClientCredentials("cli_1", "cs_1")


@pytest.fixture
def app() -> Flask:
    config = DemoConfig(
        "http://localhost:8000", portal=NOBODY, partner=NOBODY, resource_server=NOBODY
    )
    return create_app(config)


def test_every_route_is_declared(app: Flask) -> None:
    guard = app.extensions["authserver.sdk"]
    assert isinstance(guard, ResourceServer)
    assert guard.undeclared(app) == ()


def test_only_the_front_page_is_open(app: Flask) -> None:
    api = app.test_client()
    assert api.get("/").status_code == 200
    assert api.get("/reports").status_code == 401
    assert api.get("/operations").status_code == 401
    assert api.post("/imports").status_code == 401
