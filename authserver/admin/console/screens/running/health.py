"""/console/health: whether everything that the installation needs is there, and keeps up."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.admin.api.running.health import CheckShown, HealthLevel, HealthShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.values import Badge, Code, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen

_TIMES = frozenset({"oldest", "next_change"})
_IDS = frozenset({"revision", "needed"})


class HealthScreen:
    """The screen of the installation's health."""

    def __init__(self, console: Console) -> None:
        """Take the frame."""
        self._console = console

    def screens(self) -> Sequence[Screen]:
        """Return the screen."""
        menu = Menu(Group.PLATFORM, _l("Health"), "heart-pulse")
        return (Screen("/health", "health", self.show, "read_health", menu=menu),)

    def show(self) -> Response:
        """Show what was looked at, what is wrong first."""
        found, _version = self._console.read("read_health", HealthShown)
        order = [HealthLevel.BAD, HealthLevel.WARN, HealthLevel.GOOD, HealthLevel.UNUSED]
        checks = sorted(found.checks, key=lambda one: order.index(one.level))
        lead = {
            HealthLevel.GOOD: _("Everything works and keeps up."),
            HealthLevel.WARN: _("Everything works; something wants your attention."),
            HealthLevel.BAD: _("Something does not work as it should."),
        }
        summary = Section(
            _("Installation"),
            (Fact(_("Version"), Code(found.version)), Fact(_("Looked at"), found.time)),
        )
        return self._console.show_detail(
            Detail(
                _("Health"),
                (*map(_section, checks), summary),
                lead=str(lead[found.level]),
                badges=(_badge(found.level),),
            )
        )


def _section(one: CheckShown) -> Section:
    titles = {
        "database": _("Database"),
        "schema": _("Schema"),
        "mail": _("Mail"),
        "logouts": _("Sign-outs that applications are told of"),
        "signing_keys": _("Signing keys"),
        "redis": _("Redis"),
    }
    labels = {
        "kind": _("Kind"),
        "milliseconds": _("Answers after (ms)"),
        "revision": _("Revision"),
        "needed": _("Needed"),
        "waiting": _("Waiting"),
        "oldest": _("Since"),
        "given_up": _("Given up"),
        "active": _("Signing"),
        "overdue": _("Overdue"),
        "next_change": _("Next change"),
    }
    facts = [Fact(labels.get(name, name), _value(name, said)) for name, said in one.facts.items()]
    state = Fact(_("State"), _badge(one.level), _advice(one))
    return Section(titles.get(one.name, one.name), (state, *facts))


def _advice(one: CheckShown) -> str:
    """Say what to do where something is wrong."""
    if one.level is HealthLevel.UNUSED:
        return str(_("Limits are counted in each process."))
    if one.level is HealthLevel.GOOD:
        return ""
    advice = {
        "database": _("It answers slowly: look at its load and at the network."),
        "schema": _("Run `authserver db upgrade`, or the program that belongs to the database."),
        "mail": _("Look at the deliveries, and at the mail server."),
        "logouts": _("Look at the deliveries: an application does not answer."),
        "signing_keys": _("Rotate the signing keys; a worker should do it by itself."),
        "redis": _("It does not answer: limits are counted in each process meanwhile."),
    }
    return str(advice.get(one.name, ""))


def _badge(level: HealthLevel) -> Badge:
    words = {
        HealthLevel.GOOD: Badge(_("Good"), Tone.GOOD),
        HealthLevel.WARN: Badge(_("Attention"), Tone.WARN),
        HealthLevel.BAD: Badge(_("Bad"), Tone.BAD),
        HealthLevel.UNUSED: Badge(_("Not used")),
    }
    return words[level]


def _value(name: str, said: str | int | None) -> Value:
    if isinstance(said, str) and name in _TIMES:
        return datetime.fromisoformat(said)
    return Code(said) if isinstance(said, str) and name in _IDS else said
