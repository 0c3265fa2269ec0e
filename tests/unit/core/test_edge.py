"""What every answer gets: made for each of them, or once for those that are always the same."""

from typing import Any

from authserver.core.edge import Edge
from authserver.core.net.addresses import Proxies
from authserver.core.net.bodies import Bodies
from authserver.core.web import NO_CONTENT_POLICY, Headers, Lasting, Ready


def answers(headers: Headers, *, ready: bool) -> list[Headers]:
    """Return the headers of three answers that begin with these."""
    said: list[Headers] = []
    lasting = Ready(Lasting(headers), b"")

    def app(_environ: object, start_response: Any) -> list[bytes]:
        start_response("200 OK", [*headers])
        return [b""]

    edge = Edge(
        app,
        proxies=Proxies(),
        https=True,
        bodies=Bodies(1),
        ready=lambda _: lasting if ready else None,
    )
    for _ in range(3):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"}
        edge(environ, lambda _status, whole, *_: said.append(whole))  # type: ignore[arg-type, func-returns-value, return-value]  # enough of WSGI
    assert list(lasting.headers) == headers
    return said


def test_a_lasting_answer_gets_what_all_get_and_an_id_of_its_own() -> None:
    given = [("ETag", '"1"'), NO_CONTENT_POLICY]
    said = answers(given, ready=True)
    [usual, *_] = answers(given, ready=False)
    assert [whole[:-1] for whole in said] == [usual[:-1]] * 3
    assert {whole[-1][0] for whole in said} == {"X-Correlation-Id"}
    assert len({whole[-1] for whole in said}) == 3


def test_what_lasts_never_gets_a_policy_with_a_nonce() -> None:
    given = [("ETag", '"1"')]
    for whole in answers(given, ready=True):
        assert NO_CONTENT_POLICY in whole
    nonces = {dict(whole)["Content-Security-Policy"] for whole in answers(given, ready=False)}
    assert len(nonces) == 3
