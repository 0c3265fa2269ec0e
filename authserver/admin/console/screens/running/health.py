"""/console/health: whether everything that the installation needs is there, and keeps up."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from authserver.account.views import moment
from authserver.admin.api.running.health import CheckShown, HealthLevel, HealthShown
from authserver.admin.console.frame import Console
from authserver.admin.console.parts.details import Detail, Fact, Section
from authserver.admin.console.parts.lists import Column, table
from authserver.admin.console.parts.values import Badge, Code, Tone, Value
from authserver.admin.console.screen import Group, Menu, Screen

_TIMES = frozenset({"oldest", "next_change", "signed"})
# What checks of streams and anchors begin with.
_STREAM, _ANCHOR = "stream:", "anchor:"


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
        columns = (
            Column(_("What"), _title),
            Column(_("State"), lambda one: _badge(one.level)),
            Column(_("Figures"), _figures),
            Column(_("What to do"), _advice),
        )
        summary = (
            Fact(_("Version"), Code(found.version)),
            Fact(_("Looked at"), found.time),
        )
        return self._console.show_detail(
            Detail(
                _("Health"),
                (
                    Section(_("What it needs"), table=table(columns, checks)),
                    Section(_("Installation"), summary),
                ),
                lead=str(lead[found.level]),
                badges=(_badge(found.level),),
            )
        )


def _title(one: CheckShown) -> str:
    titles = {
        "database": _("Database"),
        "schema": _("Schema"),
        "mail": _("Mail"),
        "logouts": _("Sign-outs that applications are told of"),
        "webhooks": _("Webhooks"),
        "trail": _("Checkpoints of the trail"),
        "signing_keys": _("Signing keys"),
        "redis": _("Redis"),
    }
    if one.name.startswith(_STREAM):
        return str(_("Stream of the trail: %(name)s", name=one.name.removeprefix(_STREAM)))
    if one.name.startswith(_ANCHOR):
        return str(_("Anchor of the trail: %(name)s", name=one.name.removeprefix(_ANCHOR)))
    return str(titles.get(one.name, one.name))


def _figures(one: CheckShown) -> Value:
    """Return the figures that say something, each with its name."""
    labels = {
        "kind": _("kind"),
        "milliseconds": _("answers after (ms)"),
        "revision": _("revision"),
        "needed": _("needed"),
        "waiting": _("waiting"),
        "oldest": _("since"),
        "given_up": _("given up"),
        "active": _("signing"),
        "overdue": _("overdue"),
        "next_change": _("next change"),
        "error": _("error"),
        "checkpoint": _("checkpoint"),
        "signed": _("signed"),
        "contradicts": _("contradicted by"),
    }
    told = [(name, said) for name, said in one.facts.items() if said is not None]
    return [f"{labels.get(name, name)}: {_said(name, said)}" for name, said in told]


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
        "webhooks": _("What is new does not leave: look whether a worker runs."),
        "trail": _("Nothing is signed: look whether a worker runs, and what anchors deny."),
        "signing_keys": _("Rotate the signing keys; a worker should do it by itself."),
        "redis": _("It does not answer: limits are counted in each process meanwhile."),
    }
    if one.name.startswith(_STREAM):
        return str(_("Look at what collects the trail; nothing is lost meanwhile."))
    if one.name.startswith(_ANCHOR):
        return str(_("Look at what keeps the checkpoints; it gets those that it missed."))
    return str(advice.get(one.name, ""))


def _badge(level: HealthLevel) -> Badge:
    words = {
        HealthLevel.GOOD: Badge(_("Good"), Tone.GOOD),
        HealthLevel.WARN: Badge(_("Attention"), Tone.WARN),
        HealthLevel.BAD: Badge(_("Bad"), Tone.BAD),
        HealthLevel.UNUSED: Badge(_("Not used")),
    }
    return words[level]


def _said(name: str, said: str | int) -> str:
    if name in _TIMES:
        return moment(datetime.fromisoformat(str(said))).text
    return str(said)
