"""Refusals in the person's language: what is wrong with a field, and why something was not done."""

from collections.abc import Mapping

from flask_babel import gettext as _

from authserver.core.problems import Problem
from authserver.core.said import Said

_BAD_REQUEST, _SERVER_ERROR = 400, 500


def of_field(error: Mapping[str, str]) -> str:
    """Return what is wrong with a field."""
    said = {
        "missing": _("This is needed."),
        "string_type": _("This is needed."),
        "bool_type": _("This is needed."),
        "enum": _("Choose one of the values."),
        "literal_error": _("Choose one of the values."),
        "string_too_long": _("This is too long."),
        "string_too_short": _("This is too short."),
        "too_long": _("These are too many."),
        "too_short": _("This is needed."),
        "int_type": _("This has to be a whole number."),
        "int_parsing": _("This has to be a whole number."),
        "datetime_parsing": _("This is not a date."),
        "datetime_from_date_parsing": _("This is not a date."),
        "date_from_datetime_parsing": _("This is not a date."),
        "greater_than_equal": _("This number is too small."),
        "greater_than": _("This number is too small."),
        "less_than_equal": _("This number is too large."),
        "less_than": _("This number is too large."),
        "extra_forbidden": _("This cannot be set."),
    }
    return str(said.get(error["code"]) or error["message"])


def of_problem(problem: Problem) -> str:
    """Return why something was not done: in our words where there are some, else the service's."""
    said = {
        "unfit_fields": _("Please look at the marked fields again."),
        "changed_meanwhile": _(
            "Somebody else changed this in the meantime. The form shows what holds now: look, and"
            " send it again."
        ),
        "idempotency_key_reused": _(
            "This form was sent already. Open it anew if you want to do it once more."
        ),
        "insufficient_permission": _("Your roles do not allow this."),
        "other_account": _(
            "The console was switched to another account in the meantime. Nothing was changed."
        ),
        "too_many_requests": _("That was too much at once. Wait a minute and try again."),
    }
    return str(said.get(problem.code) or in_words(problem.description))


def in_words(sentence: str) -> str:
    """Return what a service said in the person's language, with the same values in it."""
    if not isinstance(sentence, Said):
        return str(_(sentence))
    values = {
        name: in_words(value) if isinstance(value, Said) else value
        for name, value in sentence.values.items()
    }
    return str(_(sentence.message, **values))


def title_of(problem: Problem) -> str:
    """Return the heading of a page that says only that."""
    if problem.status == 403:  # noqa: PLR2004  forbidden
        return str(_("You cannot do this"))
    if problem.status == 404:  # noqa: PLR2004  not found
        return str(_("There is nothing here"))
    if problem.status >= _SERVER_ERROR:
        return str(_("Something went wrong on our side"))
    return str(_("This was not done"))
