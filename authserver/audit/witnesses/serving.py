"""The witness's small HTTP server: POST /add-checkpoint, GET / for its key. TLS is a proxy's."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from authserver.audit.witnesses.asking import MOST_BYTES, PATH
from authserver.audit.witnesses.witness import Answer, Witness
from authserver.core import log

_SECONDS = 10
_log = log.get(__name__)


class WitnessServer(ThreadingHTTPServer):
    """Listens, and asks the witness."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        """Take where to listen, and who answers. Raises OSError."""
        super().__init__(address, _Handler)
        self.witness = witness


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _SECONDS
    server: WitnessServer

    def do_GET(self) -> None:
        """Say whose witness this is."""
        if self.path != "/":
            self._say(Answer(404, "POST /add-checkpoint\n"))
        else:
            self._say(Answer(200, f"{self.server.witness.key}\n"))

    def do_POST(self) -> None:
        """Cosign, or not."""
        length = self.headers.get("Content-Length", "")
        if self.path != f"/{PATH}":
            self._refuse(404, "POST /add-checkpoint\n")
        elif not length.isdigit() or int(length) > MOST_BYTES:
            self._refuse(413, "a request says how long it is, and is short\n")
        else:
            self._say(self._answer(self.rfile.read(int(length))))

    def _answer(self, body: bytes) -> Answer:
        try:
            return self.server.witness.answer(body)
        except OSError:
            _log.exception("witness_cannot_remember")
            return Answer(500, "what was seen cannot be kept: nothing is signed\n")

    def _refuse(self, status: int, text: str) -> None:
        self.close_connection = True  # the body was not read
        self._say(Answer(status, text))

    def _say(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def version_string(self) -> str:
        """Say nothing of what runs here."""
        return "witness"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name there
        """Write no access lines: the witness says what it signed."""
