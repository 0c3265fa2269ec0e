"""device_code: what a person allowed in a browser elsewhere (RFC 8628 section 3.4)."""

from datetime import timedelta

from authserver.oauth.authorize import codes
from authserver.oauth.device.service import DEVICE_CODE as PURPOSE
from authserver.oauth.device.service import Waiting, find, note_poll
from authserver.oauth.errors import OAuthError
from authserver.oauth.token.grants.authorization_code import AuthorizationCodeGrant
from authserver.tokens.authorization import Authorization

SLOWER = timedelta(seconds=5)


def _refuse(detail: str) -> OAuthError:
    return OAuthError("invalid_grant", "the device code is not valid", detail=detail)


class DeviceCodeGrant(AuthorizationCodeGrant):
    """Bound to client and issuer; what the person allowed is redeemed as an authorization code is.

    Who asks before it is time waits longer from then on, in every process (section 3.5).
    """

    async def authorize(self) -> Authorization:
        """Return what the person allowed, or say that there is nothing yet."""
        request, device_code = self.request, self.request.form.need("device_code")
        with self.tools.database.read() as view:
            waiting = find(view, device_code)
            found = None
            if waiting:
                found = codes.find(view, device_code, now=request.now, purpose=PURPOSE)
        if waiting is None:
            raise _refuse("unknown")
        if waiting.client_id != request.client.id or waiting.issuer != request.issuer.url:
            raise _refuse("presented by another client or at another issuer")
        if found is None:
            raise await self._not_yet(waiting)
        return await self.redeemed(found)

    async def _not_yet(self, waiting: Waiting) -> OAuthError:
        now = self.request.now
        if waiting.denied_at is not None:
            return OAuthError("access_denied", "the person refused")
        if now >= waiting.expires_at:
            return OAuthError("expired_token", "the device code has expired")
        early = waiting.polled_at is not None and now - waiting.polled_at < waiting.interval
        interval = waiting.interval + SLOWER if early else waiting.interval
        noted = await self.tools.database.stored(
            lambda transaction: note_poll(transaction, waiting, now=now, interval=interval)
        )
        if noted and not early:
            return OAuthError("authorization_pending", "the person has not answered yet")
        slower = OAuthError("slow_down", "ask less often")
        slower.status = 400  # section 3.5; elsewhere it is a rate limit
        return slower

    def _authorization(self, found: codes.FoundCode) -> Authorization:
        """Let a device go on when the person signs out of the browser that helped it."""
        authorization = super()._authorization(found)
        if authorization.sign_in is None:
            raise ValueError("a device code is about somebody who signed in")
        return authorization._replace(sign_in=authorization.sign_in._replace(offline=True))
