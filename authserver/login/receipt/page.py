"""/login/receipt: the receipt of an erasure, for whoever has the link; it names nobody."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from authserver.core.database.engine import Database
from authserver.core.problems import NotFound
from authserver.privacy.erasure.receipts import NotProvedYet, Receipts

_NAME = "erasure-receipt.jws"
_TYPE = "application/jose"


class ReceiptPage:
    """Shows that the receipt is there, and gives it out as a file."""

    def __init__(self, database: Database, receipts: Receipts) -> None:
        """Take what makes receipts."""
        self._database = database
        self._receipts = receipts

    def routes(self) -> Blueprint:
        """Return the blueprint of the page."""
        routes = Blueprint("receipt", __name__)
        routes.add_url_rule("/login/receipt", "show", self.show)
        routes.add_url_rule("/login/receipt", "give", self.submit, methods=["POST"])
        return routes

    def show(self) -> Response:
        """Show the page, or that the receipt is being signed. Raises NotFound."""
        token = request.args.get("about", "")
        try:
            self._receipt(token)
        except NotProvedYet:
            return self._page(token, ready=False)
        return self._page(token, ready=True)

    def submit(self) -> Response:
        """Give the file out, as often as somebody asks. Raises NotFound, NotProvedYet."""
        answer = Response(self._receipt(request.form.get("about", "")), mimetype=_TYPE)
        answer.headers["Content-Disposition"] = f'attachment; filename="{_NAME}"'
        return answer

    def _page(self, token: str, *, ready: bool) -> Response:
        page = render_template(
            "login/receipt.html",
            tenant=None,
            client=None,
            ready=ready,
            token=token,
            action=url_for("receipt.give"),
            again_url=url_for("receipt.show", about=token),
        )
        return Response(page, mimetype="text/html")

    def _receipt(self, token: str) -> str:
        if not token.isalnum():
            raise NotFound("There is no such receipt.")
        with self._database.read() as view:
            return self._receipts.by_link(view, token)
