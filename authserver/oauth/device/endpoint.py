"""POST /oauth/device_authorization (RFC 8628 section 3.1)."""

from authserver.clients.policy import DEVICE_CODE
from authserver.core.clock import Clock
from authserver.core.database.engine import Database
from authserver.core.limits.buckets import Limiter, Rate
from authserver.core.web import Answer
from authserver.oauth import scopes
from authserver.oauth.client_auth import ClientAuthentication
from authserver.oauth.device.codes import shown
from authserver.oauth.device.service import Devices, Given
from authserver.oauth.errors import OAuthError
from authserver.oauth.lane.request import Form, MachineRequest
from authserver.oauth.token.checks import CHECKS
from authserver.oauth.token.request import TokenRequest

PAGE = "/device"
_REPEATABLE = frozenset({"resource"})
_HEADERS = (("Content-Type", "application/json"), ("Pragma", "no-cache"))
# Whoever knows the id of a public client may ask: from one address not without end.
_OF_ONE_ADDRESS = Rate(60, 60)


class DeviceAuthorizationEndpoint:
    """Gives a device its codes, after the checks of the grant that they are for."""

    methods = frozenset({"POST"})
    scripts = False

    def __init__(
        self,
        authentication: ClientAuthentication,
        devices: Devices,
        *,
        database: Database,
        limiter: Limiter,
        clock: Clock,
    ) -> None:
        """Take what the stages work with."""
        self._authentication = authentication
        self._devices = devices
        self._database = database
        self._limiter = limiter
        self._clock = clock

    def answer(self, request: MachineRequest) -> Answer:
        """Return a device authorization response (section 3.2) or raise OAuthError."""
        form = request.form(repeatable=_REPEATABLE)
        return self._database.run_alone(self._answer(request, form))

    async def _answer(self, request: MachineRequest, form: Form) -> Answer:
        client = await self._authentication.authenticate(request, form)
        rate = self._limiter.take(f"client:{client.id}", client.rate) if client.rate else None
        if not self._limiter.take(f"devices:{request.address}", _OF_ONE_ADDRESS).allowed:
            raise OAuthError("slow_down", "there are too many requests from this address")
        asked = TokenRequest(
            issuer=request.issuer,
            client=client,
            form=Form({**form.values, "grant_type": [DEVICE_CODE]}),
            scope=scopes.parse(form.get("scope")),
            resources=form.all("resource"),
            rate=rate,
            now=self._clock.now(),
            http=request,
        )
        for check in CHECKS:
            check(asked)
        scope = scopes.narrow(asked.scope, client.scopes)
        given = await self._database.stored(
            lambda transaction: self._devices.request(transaction, asked, scope=scope)
        )
        return Answer.json(self._document(request, given), headers=dict(_HEADERS))

    def _document(self, request: MachineRequest, given: Given) -> dict[str, object]:
        rules, page = self._devices.rules, f"{request.issuer.url}{PAGE}"
        code = shown(given.user_code)
        return {
            "device_code": given.device_code,
            "user_code": code,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code={code}",
            "expires_in": int(rules.life.total_seconds()),
            "interval": int(rules.interval.total_seconds()),
        }
