"""/login/recover: a person who forgot the password asks for a mail."""

from typing import Any

from flask import make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.links.recovery import Recovery, RecoveryRequest
from authserver.login.entry import Entry
from authserver.login.recover.mailed import MailedSteps


class AskPage:
    """Takes an address and says the same about every one."""

    def __init__(self, steps: MailedSteps, recovery: Recovery) -> None:
        """Take what sends the mails."""
        self._steps = steps
        self._recovery = recovery

    def show(self) -> Response:
        """Show the form. It works without a sign-in under way, too: mails are read elsewhere."""
        entry = self._entry()
        return _page(entry, email=entry.email)

    def submit(self) -> Response:
        """Send the mail, if there is somebody to send it to, and say that it may come."""
        entry = self._entry()
        email = request.form.get("email", "").strip()
        organization = entry.organization or request.form.get("organization", "")
        self._recovery.request(
            RecoveryRequest(
                audience=entry.audience,
                email=email,
                issuer=entry.issuer.url,
                actor=self._steps.hop().actor,
                organization=organization.strip().lower() or None,
                device_token=self._steps.device_token(),
            )
        )
        return _page(entry, email=email, sent=True)

    def _entry(self) -> Entry:
        entry = self._steps.entries.visit()
        if entry.place:
            self._steps.remember(entry)
        return entry


def _page(entry: Entry, *, email: str, sent: bool = False) -> Response:
    place: dict[str, Any] = dict(entry.place)
    page = render_template(
        "login/recover.html",
        action=request.script_root + request.path,
        again_url=url_for("login.recover", **place),
        place=entry.place,
        client=entry.client,
        email=email,
        organization=request.form.get("organization", ""),
        show_organization=entry.several_tenants and entry.organization is None,
        sent=sent,
    )
    return make_response(page)
