"""Static files: compressed where a browser takes them so, and asked for once."""

import gzip

import pytest

from tests.support.world import World

pytestmark = pytest.mark.any_database
CSS = "/static/css/app.css"


def test_a_browser_that_takes_gzip_gets_it(world: World) -> None:
    client = world.app.test_client()
    plain = client.get(CSS, buffered=True)
    packed = client.get(CSS, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3


def test_what_did_not_change_is_not_sent_again(world: World) -> None:
    client = world.app.test_client()
    gzipped = {"Accept-Encoding": "gzip"}
    tag = client.get(CSS, headers=gzipped, buffered=True).headers["ETag"]
    again = client.get(CSS, headers={**gzipped, "If-None-Match": tag}, buffered=True)
    assert again.status_code == 304


def test_pages_are_never_compressed(world: World) -> None:
    page = world.app.test_client().get("/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers


@pytest.mark.parametrize("name", ["../app.py", "..%2fapp.py", "/etc/passwd", "css"])
def test_nothing_else_is_reached(world: World, name: str) -> None:
    answer = world.app.test_client().get(
        f"/static/{name}", buffered=True, headers={"Accept-Encoding": "gzip"}
    )
    assert answer.status_code in {400, 404}
