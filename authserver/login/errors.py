"""Error pages: what happened, what to do next, and the reference that is also in the log."""

from dataclasses import dataclass

from flask import Flask, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from authserver.core import log, web
from authserver.core.edge import Unexpected
from authserver.core.problems import Problem

_logger = log.get("pages")
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Words:
    """What an error page says, in the person's language."""

    title: str
    message: str
    next_step: str


def join(app: Flask) -> None:
    """Answer every refusal and every defect with a page."""
    app.register_error_handler(Problem, refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _defect)


def note(problem: Problem) -> None:
    """Write a refusal into the log."""
    _logger.info(
        "refused",
        code=problem.code,
        detail=problem.detail or problem.description,
        correlation_id=request.environ[web.CORRELATION_ID],
    )


def refused(problem: Problem) -> Response:
    """Return the page of a refusal, and write it into the log."""
    note(problem)
    return _page(
        problem.status, problem.code, headers=problem.headers, wrong=what_was_wrong(problem)
    )


def _http(error: HTTPException) -> Response:
    status = error.code or _SERVER_ERROR
    if isinstance(error, CSRFError):
        return refused(StaleForm(detail=error.description or "csrf"))
    headers = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return _page(status, error.name.lower().replace(" ", "_"), headers=headers)


def _defect(error: Exception) -> Response:
    correlation_id = request.environ[web.CORRELATION_ID]
    _logger.error("unexpected", exc_info=error, correlation_id=correlation_id)
    return _page(Unexpected.status, Unexpected.code, headers={})


class StaleForm(Problem):
    """The form does not belong to this browser's present state (CSRF)."""

    code = "stale_form"
    title = "This form is no longer valid"


def _page(status: int, code: str, *, headers: dict[str, str], wrong: str | None = None) -> Response:
    words = _words(code) or _words_by_status(status, wrong)
    page = render_template(
        "error.html",
        status=status,
        title=words.title,
        message=words.message,
        next_step=words.next_step,
        technical=code,
    )
    response = make_response(page, status)
    response.headers.extend(headers)
    return response


def _words(code: str) -> Words | None:
    again = _("Go back to the application and sign in again.")
    tell = _("Tell the people who run the application; the reference below helps them.")
    return {
        "unknown_client": Words(
            _("This sign-in link does not work"),
            _("The application that sent you here is not registered with this server."),
            tell,
        ),
        "unregistered_redirect_uri": Words(
            _("This sign-in link does not work"),
            _("The application asked to return to an address that is not registered for it."),
            tell,
        ),
        "invalid_request_uri": Words(
            _("This sign-in link does not work"),
            _("It was used before, it is too old, or the application sent a wrong one."),
            again,
        ),
        "flow_closed": Words(
            _("This sign-in is no longer open"),
            _("It was finished, it took too long, or it was started in another browser."),
            again,
        ),
        "stale_form": Words(
            _("This form is no longer valid"),
            _("It was open for too long, or cookies are switched off in this browser."),
            again,
        ),
        "other_account": Words(
            _("This form belongs to another account"),
            _("The pages were switched to another account in the meantime. Nothing was changed."),
            _("Open the page again: it shows at the top whose account it is about."),
        ),
        "limit_reached": Words(
            _("The organization has no room for more people"),
            _("It has as many accounts and invitations as it may have. Nothing was changed."),
            _("Ask its administrators to make room; your link is good until it expires."),
        ),
        "address_not_allowed": Words(
            _("The organization does not take this address"),
            _("Only addresses of certain domains may have an account there. Nothing was changed."),
            _("Use an address of the organization, or ask its administrators."),
        ),
        "cross_site_request": Words(
            _("This form was not sent from our page"),
            _("Another site tried to send it. Nothing was changed."),
            again,
        ),
    }.get(code)


def what_was_wrong(problem: Problem) -> str | None:
    """Return what makes a request malformed, in the person's language."""
    encoding = _("A value is not encoded as it should be.")
    not_ours = _("The form was not sent the way our pages send it.")
    return {
        "a parameter is repeated": _("A value was sent twice, so it is unclear which one counts."),
        "a parameter has control characters": _("A value has invisible control characters in it."),
        "a parameter is not percent-encoded properly": encoding,
        "a parameter is not UTF-8": encoding,
        "The request body is over 64 kB": _("The form is too large: it may have at most 64 kB."),
        "The request body is over 10 MB": _("The file is too large: it may have at most 2 MB."),
        "parameters belong into the request body": not_ours,
        f"the request body must be {web.FORM}": not_ours,
        "Content-Length is not a number": not_ours,
        "the form is not one of ours": not_ours,
        "Choose to allow or to deny.": _("Neither allowing nor denying was chosen."),
    }.get(problem.description)


def _words_by_status(status: int, wrong: str | None) -> Words:
    if status == 404:  # noqa: PLR2004  not found
        return Words(
            _("There is nothing here"),
            _("The address may be mistyped, or the page is gone."),
            _("Go back to the application you came from."),
        )
    if status in {429, 503}:
        return Words(
            _("Too much at once"),
            _("The server is busy, or there were too many attempts from here."),
            _("Wait a minute and try again."),
        )
    if status >= _SERVER_ERROR:
        return Words(
            _("Something went wrong on our side"),
            _("Nothing was changed. We have recorded what happened."),
            _("Try again in a moment; if it happens again, pass the reference on."),
        )
    something = _("Something in the address or the form is not as it should be.")
    unchanged = _("Nothing was changed.")
    return Words(
        _("The request could not be understood"),
        f"{wrong or something} {unchanged}",
        _("Go back to the application and sign in again."),
    )
