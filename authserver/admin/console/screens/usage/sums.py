"""Figures over a whole period, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _

from authserver.admin.api.usage import UsageShown
from authserver.admin.console.frame import Console
from authserver.admin.console.screens.usage.charts import NONE
from authserver.usage.policy import Period

_WHOLE = 100


@dataclass(frozen=True)
class Sum:
    """A figure over the whole period, and what it means."""

    title: str
    text: str
    hint: str = ""


def usage_of(
    console: Console, does: str, path: Mapping[str, str], *, period: Period = Period.DAY
) -> UsageShown:
    """Return the figures that an operation shows, of a period up to now."""
    content = console.ask(does, path, given={"period": period.value}).content
    if not isinstance(content, UsageShown):
        raise TypeError(f"{does} does not show usage")
    return content


def sums(usage: UsageShown) -> list[Sum]:
    """Return the figures of an installation or a tenant."""
    tried = usage.sign_ins + usage.sign_in_failures
    failed = _share(usage.sign_in_failures, tried)
    secured = _share(usage.people_with_second_factor or 0, usage.people or 0)
    return [
        Sum(_("Sign-ins"), decimal(usage.sign_ins), _("%(share)s %% failed", share=failed)),
        Sum(_("Tokens"), decimal(usage.tokens),
            _("%(number)s refused", number=decimal(usage.refused))),
        Sum(_("Active people"), _noted(usage.active_people), _("in the last 24 hours")),
        Sum(_("With a second factor"), f"{secured} %" if usage.people else NONE,
            _("of %(number)s people", number=_noted(usage.people))),
        Sum(_("Response time"), f"{usage.latency_p95_ms} ms" if usage.latency_p95_ms else NONE,
            _("95 of 100 tokens")),
    ]  # fmt: skip


def _share(part: int, whole: int) -> int:
    return round(_WHOLE * part / whole) if whole else 0


def decimal(number: int) -> str:
    """Return a number as the reader's language writes it."""
    return str(format_decimal(number))


def _noted(number: int | None) -> str:
    return NONE if number is None else decimal(number)
