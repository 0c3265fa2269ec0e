"""POST /oauth/par: authenticate, read and check as /oauth/authorize does, keep (RFC 9126)."""

from authserver.core.database.engine import Database
from authserver.core.web import Answer
from authserver.oauth.authorize.incoming.taking import IncomingRequests
from authserver.oauth.authorize.request import REPEATABLE, Sent
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.dpop import Proofs
from authserver.oauth.dpop.proofs import refuse
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.par.gate import ClientGate
from authserver.oauth.par.pushed import PushedRequests
from authserver.tokens.authorization import Confirmation

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
        proofs: Proofs,
    ) -> None:
        """Take what lets clients in, sees their keys, reads requests and keeps them."""
        self._authentication = authentication
        self._gate = gate
        self._requests = requests
        self._pushed = pushed
        self._database = database
        self._proofs = proofs

    def answer(self, request: MachineRequest) -> Answer:
        """Return the request_uri that stands for the request (section 2.2), or raise a Problem."""
        form = request.form(repeatable=REPEATABLE)
        client = self._database.run_alone(self._authentication.authenticate(request, form))
        self._gate.check(request, client, form)
        shown = self._database.run_alone(self._proofs.take(request, client))
        # By Basic, the client need not name itself twice.
        named = Form({**form.values, "client_id": [client.id]})
        asked = _bound(self._requests.left(Sent(request.issuer, client, named)), shown)
        request_uri = self._database.write(lambda tx: self._pushed.keep(tx, asked))
        life = int(self._pushed.life.total_seconds())
        said = {"request_uri": request_uri, "expires_in": life}
        nonce = dict(self._proofs.headers(request, client)) if shown else {}
        return Answer.json(said, status=_CREATED, headers=nonce)


def _bound(asked: Sent, shown: Confirmation | None) -> Sent:
    """Bind the code to the key that was shown when the request was left (RFC 9449 10.1)."""
    if shown is None:
        return asked
    named = asked.parameters.get("dpop_jkt")
    if named not in {None, shown.thumbprint}:
        raise refuse("dpop_jkt names another key")
    parameters = Form({**asked.parameters.values, "dpop_jkt": [shown.thumbprint]})
    return asked._replace(parameters=parameters)
