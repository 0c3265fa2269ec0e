"""An authenticator for Chromium: the browser's own virtual one, by its debugging protocol."""

from typing import Any

from playwright.sync_api import Page


class Authenticator:
    """A device that keeps passkeys and unlocks itself when it is asked."""

    def __init__(self, page: Page) -> None:
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = self._cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._id: str = added["authenticatorId"]

    def passkeys(self) -> list[dict[str, Any]]:
        """Return what it keeps."""
        found = self._cdp.send("WebAuthn.getCredentials", {"authenticatorId": self._id})
        return list(found["credentials"])

    def somebody_is_there(self, *, there: bool) -> None:
        """Let it answer at once, or wait for a touch that does not come."""
        self._send("setAutomaticPresenceSimulation", enabled=there)

    def verifies(self, *, verified: bool) -> None:
        """Let whoever is there be the owner, or not."""
        self._send("setUserVerified", isUserVerified=verified)

    def _send(self, method: str, **values: Any) -> None:
        self._cdp.send(f"WebAuthn.{method}", {"authenticatorId": self._id, **values})
