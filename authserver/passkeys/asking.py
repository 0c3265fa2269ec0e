"""How pages talk to the browser's authenticators: a script asks for the options, a form answers."""

from flask import request
from werkzeug.wrappers import Response

ANSWER = "answer"  # the field of what the browser's authenticator made, as JSON
_ASK, _OPTIONS = "ask", "options"


def is_asked() -> bool:
    """Tell whether a script asks for options, where the form of the same page would answer."""
    return request.form.get(_ASK) == _OPTIONS


def options(text: str | None) -> Response:
    """Return options, or that there is nothing to ask for."""
    if text is None:
        return Response(status=409)
    return Response(text, mimetype="application/json")


def answer() -> str:
    """Return what the browser's authenticator made."""
    return request.form.get(ANSWER, "")
