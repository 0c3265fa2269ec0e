"""Headers of an answer that is given again and again: completed once, and never changed."""

from authserver.core.edge import Edge
from authserver.core.net.bodies import Bodies
from authserver.core.web import NO_CONTENT_POLICY, Headers, Lasting


def answers(headers: Headers) -> list[tuple[str, Headers]]:
    """Return status and headers of three answers."""
    said: list[tuple[str, Headers]] = []

    def app(_environ: object, start_response: object) -> list[bytes]:
        start_response("200 OK", headers if isinstance(headers, Lasting) else [*headers])  # type: ignore[operator]  # it is WSGI's
        return [b""]

    edge = Edge(app, trusted=(), https=True, bodies=Bodies(1))
    for _ in range(3):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": "192.0.2.1"}
        edge(environ, lambda status, whole, *_: said.append((status, whole)))  # type: ignore[arg-type, func-returns-value, return-value]  # enough of WSGI
    return said


def test_lasting_headers_are_completed_as_all_are_and_stay_as_they_were() -> None:
    given = [("ETag", '"1"'), NO_CONTENT_POLICY]
    lasting = Lasting(given)
    said = [whole for _, whole in answers(lasting)]
    [usual, *_] = [whole for _, whole in answers(list(given))]
    assert [whole[:-1] for whole in said] == [usual[:-1]] * 3
    assert {whole[-1][0] for whole in said} == {"X-Correlation-Id"}
    assert len({whole[-1] for whole in said}) == 3
    assert list(lasting) == given


def test_what_lasts_never_gets_a_policy_with_a_nonce() -> None:
    assert {status for status, _ in answers(Lasting([("ETag", '"1"')]))} == {
        "500 Internal Server Error"
    }
