"""POST /oauth/par: authenticate, read and check as /oauth/authorize does, keep (RFC 9126)."""

from authserver.core.database.engine import Database
from authserver.core.web import Answer
from authserver.oauth.authorize.incoming.taking import IncomingRequests
from authserver.oauth.authorize.request import REPEATABLE, Sent
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.par.gate import ClientGate
from authserver.oauth.par.pushed import PushedRequests

_CREATED = 201


class PushedRequestEndpoint:
    """Takes what a client would send through the browser, from the client itself."""

    methods = frozenset({"POST"})
    scripts = True

    def __init__(
        self,
        authentication: ClientAuthentication,
        gate: ClientGate,
        *,
        requests: IncomingRequests,
        pushed: PushedRequests,
        database: Database,
    ) -> None:
        """Take what lets clients in, reads requests and keeps them."""
        self._authentication = authentication
        self._gate = gate
        self._requests = requests
        self._pushed = pushed
        self._database = database

    def answer(self, request: MachineRequest) -> Answer:
        """Return the request_uri that stands for the request (section 2.2), or raise a Problem."""
        form = request.form(repeatable=REPEATABLE)
        client = self._database.run_alone(self._authentication.authenticate(request, form))
        self._gate.check(request, client, form)
        # By Basic, the client need not name itself twice.
        named = Form({**form.values, "client_id": [client.id]})
        asked = self._requests.left(Sent(request.issuer, client, named))
        request_uri = self._database.write(lambda tx: self._pushed.keep(tx, asked))
        life = int(self._pushed.life.total_seconds())
        said = {"request_uri": request_uri, "expires_in": life}
        return Answer.json(said, status=_CREATED)
