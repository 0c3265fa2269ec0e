"""Access tokens where they do not belong."""

from flask import request

_MAX_FORM = 64 * 1024


def has_token_elsewhere() -> bool:
    """Tell whether the query or a form carries an access token (RFC 9700 section 4.3.2)."""
    if "access_token" in request.args:
        return True
    if request.mimetype != "application/x-www-form-urlencoded":
        return False
    if request.content_length is None or request.content_length > _MAX_FORM:
        return False  # nothing reads a token from there anyway; do not buffer a stranger's body
    request.get_data(cache=True)  # so that the view can still read the raw body
    return "access_token" in request.form
