"""/console/tenants/<id>/trail/bundle: the trail verified in the reader's own browser.

The page's script fetches the trail by the API and verifies it in a Worker: the only page that may
have one. Nothing that the server says about it is believed.
"""

from collections.abc import Sequence

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.proofs import HeadShown
from authserver.admin.caller import API
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.lists import Action
from authserver.admin.console.parts.values import Code, cell
from authserver.admin.console.screen import Screen, Tab
from authserver.admin.console.screens.trail.verdicts import verdict_words
from authserver.core.problems import NotFound
from authserver.core.web import content_security_policy, csp_nonce

_COMMAND = "python trail_verifier.py trail.bundle --keys keys.json"


class ProofScreen:
    """The screen that proves."""

    def __init__(self, console: Console, issuer: str) -> None:
        """Take the frame, and where keys are published."""
        self._console = console
        self._issuer = issuer

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        path = "/tenants/<tenant_id>/trail/bundle"
        tab = Tab("trail", _l("Proof"))
        return (Screen(path, "trail_proof", self.show, "read_bundle", tab=tab, below="events"),)

    def show(self, tenant_id: str) -> Response:
        """Show what is signed, and what verifies it."""
        self._console.note("read_bundle", {"tenant_id": tenant_id})
        export = url_for("console.new_trail_export", tenant_id=tenant_id, format="bundle")
        action = Action(_("Take a bundle away"), export, "create_trail_export")
        page = self._console.page(
            "console/trail/proof.html",
            title=_("Trail"),
            lead=_("Proof that nothing here was changed, removed or added since it was signed."),
            tenant_id=tenant_id,
            newest=self._newest(tenant_id),
            words=verdict_words(),
            bundle_url=f"{API}/tenants/{tenant_id}/trail/bundle",
            commands=f"curl -o keys.json {self._issuer}/.well-known/audit-keys\n{_COMMAND}",
            actions=[action] if self._console.may(action.does) else [],
        )
        nonce = csp_nonce(request.environ)
        page.headers["Content-Security-Policy"] = content_security_policy(nonce, workers=True)
        return page

    def _newest(self, tenant_id: str) -> list[tuple[str, object, str]]:
        try:
            head, _version = self._console.read("read_head", HeadShown, {"tenant_id": tenant_id})
        except NotFound:
            return []
        one = head.checkpoint
        rows = (
            (_("Checkpoint"), one.number, _("A signed text over every trail of this server.")),
            (_("Signed"), one.time, ""),
            (
                _("Events in it"),
                head.size,
                _("Newer ones are in the next: a minute later at most."),
            ),
            (_("Root"), Code(head.root), ""),
        )
        return [(label, cell(value), hint) for label, value, hint in rows]
