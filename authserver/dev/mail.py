"""/dev/mail: the mails that were sent, because here they reach nobody."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask_babel import format_datetime
from werkzeug.wrappers import Response

from authserver.core import web
from authserver.delivery.folder import MailFolder, StoredMail

_SHOWN = 100
# Mails have style attributes and their own pictures: no script, no form, no other site.
_MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {images}; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'self'; sandbox"
)
_PICTURE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    # The frame of a mail is sandboxed: it is of no origin, this one neither.
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@dataclass(frozen=True)
class MailView:
    """A mail as pages show it."""

    subject: str
    sender: str
    to: str
    arrived: str
    url: str
    html_url: str


class MailPages:
    """The list, one mail, and its HTML for a frame."""

    def __init__(self, folder: MailFolder, issuer: str) -> None:
        """Take where mails are, and the issuer's URL: mails link to nothing else."""
        self._folder = folder
        self._issuer = issuer
        self._link = re.compile(rf"({re.escape(issuer)}[^\s<>\"]*)")

    def routes(self) -> Blueprint:
        """Return the pages' URLs."""
        routes = Blueprint("dev", __name__)
        routes.before_request(self._refuse_other_names)
        routes.add_url_rule("/dev/mail", "mail", self.show)
        routes.add_url_rule("/dev/mail/<message_id>", "message", self.show_one)
        routes.add_url_rule("/dev/mail/<message_id>/html", "html", self.show_html)
        routes.add_url_rule("/dev/mail/<message_id>/image/<int:number>", "image", self.show_image)
        return routes

    def show(self) -> str:
        """List the newest mails."""
        mails = [_view(mail) for mail in self._folder.newest(_SHOWN)]
        return render_template("dev/mail.html", mails=mails)

    def show_one(self, message_id: str) -> Response:
        """Show a mail: who, what, its text with its links, and its HTML in a frame."""
        mail = self._find(message_id)
        # Odd parts are links.
        text = self._link.split(mail.body("plain"))
        page = make_response(
            render_template(
                "dev/message.html", mail=_view(mail), text=text, list_url=url_for("dev.mail")
            )
        )
        policy = web.content_security_policy(web.csp_nonce(request.environ))
        page.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
        return page

    def show_html(self, message_id: str) -> Response:
        """Give a mail's HTML as a document that can do nothing."""
        mail = self._find(message_id)
        html, place = mail.body("html"), f"{self._issuer}/dev/mail/{mail.id}/image/"
        for number, image in enumerate(mail.images()):
            html = html.replace(f'"cid:{image.cid}"', f'"{place}{number}"')
        document = make_response(html)
        document.headers["Content-Security-Policy"] = _MAIL_POLICY.format(images=place)
        return document

    def show_image(self, message_id: str, number: int) -> Response:
        """Give a picture of a mail."""
        images = self._find(message_id).images()
        if number >= len(images):
            abort(404)
        response = Response(images[number].data, mimetype=images[number].media_type)
        response.headers.update(_PICTURE_HEADERS)
        return response

    def _find(self, message_id: str) -> StoredMail:
        return self._folder.find(message_id) or abort(404)

    def _refuse_other_names(self) -> None:
        """Answer nobody who came by another name: a site that rebinds its name to this machine."""
        if request.headers.get("Host") != urlsplit(self._issuer).netloc:
            abort(404)


def _view(mail: StoredMail) -> MailView:
    message = mail.message
    return MailView(
        subject=str(message["Subject"]),
        sender=str(message["From"]),
        to=str(message["To"]),
        arrived=_moment(mail.arrived_at),
        url=url_for("dev.message", message_id=mail.id),
        html_url=url_for("dev.html", message_id=mail.id),
    )


def _moment(when: datetime) -> str:
    return f"{format_datetime(when, 'medium', rebase=False)} UTC"
